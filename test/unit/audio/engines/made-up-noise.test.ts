import { expect, test } from "vitest";
import { makeKitchen } from "#scripts/hear/kitchen.ts";
import { loudestFrameEnergy, mixNoise } from "#scripts/hear/noise.ts";

test("a made-up kitchen hums, runs and clatters, the same for the same seed", () => {
  const kitchen = makeKitchen(10, 3);
  expect(makeKitchen(10, 3)).toEqual(kitchen);
  expect(makeKitchen(10, 4)).not.toEqual(kitchen);
  const peaks = Array.from({ length: 100 }, (_, tenth) =>
    kitchen.subarray(tenth * 1_600, (tenth + 1) * 1_600).reduce((most, each) => Math.max(most, Math.abs(each)), 0),
  ).toSorted((a, b) => a - b);
  // Most of the time it is steady; a clatter is far louder.
  expect((peaks[60] ?? 0) / (peaks[10] ?? 1)).toBeLessThan(1.6);
  expect((peaks[99] ?? 0) / (peaks[10] ?? 1)).toBeGreaterThan(2);
});

test("it is mixed into speech at the stated ratio", () => {
  const speech = new Int16Array(16_000).fill(3_000, 4_096, 8_192);
  const noise = mixNoise(speech, makeKitchen(10, 3), 12, 0).map((each, at) => each - (speech[at] ?? 0));
  const ratioDb = 10 * Math.log10(loudestFrameEnergy(speech) / loudestFrameEnergy(noise));
  expect(Math.abs(ratioDb - 12)).toBeLessThan(0.1);
});
