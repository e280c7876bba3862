import { defineConfig } from "vitest/config";

/** `npm run test:long`: what takes longer than the tests may. One file at a time, each with its figures printed. */
export default defineConfig({
  test: {
    include: ["test/long/**/*.test.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
    disableConsoleIntercept: true,
    reporters: ["verbose"],
  },
});
