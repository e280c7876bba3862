import { expect, test } from "vitest";
import { playHostileFiles } from "../house/hostile-sound-run.ts";

/** Other seeds than the quick tests'. */
const FIRST_SEED = 1_000_000;

test("of 100,000 files that were tampered with none kills the decoder, none plays longer or louder than a message may", async () => {
  const run = await playHostileFiles(100_000, true, FIRST_SEED);
  process.stdout.write(`${JSON.stringify(run)}\n`);
  expect(run.deaths).toEqual([]);
  expect(run.tooLong).toBe(0);
  expect(run.loudestPeak).toBeLessThanOrEqual(16_423);
  expect(run.played).toBeGreaterThan(25_000);
});
