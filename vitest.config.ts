import { defineConfig } from "vitest/config";

/** They judge times or wake words closely, or are the whole demo: each has the machine to itself. */
const ALONE = ["play", "indistinguishable", "hub-timing", "hub-stall", "leg", "ears", "flood"].map(
  (name) => `test/integration/${name}.test.ts`,
);
/** Kept for the processes that tests start, each of which would strip and compile anew (0.3 s of a core). */
const env = { NODE_COMPILE_CACHE: new URL("node_modules/.cache/porter", import.meta.url).pathname };
const processes = { env, pool: "forks", testTimeout: 120_000, hookTimeout: 120_000 } as const;

/**
 * Three projects, one after the other: `unit` runs anywhere; `integration` starts real processes, two files at a time,
 * which mostly wait for somebody to finish speaking; `alone` starts them one file at a time.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/architecture.test.ts", "test/unit/**/*.test.ts"],
          env,
          pool: "threads",
          // Far more than any takes: how fast a machine is, is not what they test.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...processes,
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          exclude: ALONE,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      { test: { ...processes, name: "alone", include: ALONE, maxWorkers: 1, sequence: { groupOrder: 3 } } },
    ],
  },
});
