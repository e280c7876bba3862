import { defineConfig } from "vitest/config";

/** Two projects: `unit` runs anywhere in seconds; `integration` starts real processes and runs one file at a time. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/architecture.test.ts", "test/unit/**/*.test.ts"], pool: "threads" } },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          pool: "forks",
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
