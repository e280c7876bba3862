import { expect, test } from "vitest";
import { loudestFrameEnergy, mixNoise } from "#scripts/hear/noise.ts";
import { seededRandom } from "#scripts/hear/random.ts";

const random = seededRandom(7);
const noise = Int16Array.from({ length: 10_000 }, () => (random() - 0.5) * 2_000);

test("noise is mixed in at the stated ratio of the loudest frames", () => {
  const speech = Int16Array.from({ length: 2_048 * 8 }, (_, i) => (i < 2_048 ? 8_000 * Math.sin(i / 5) : 0));
  for (const snrDb of [24, 12, 0]) {
    const mixed = mixNoise(speech, noise, snrDb, 5_000);
    const added = mixed.map((sample, i) => sample - (speech[i] ?? 0));
    const foundDb = 10 * Math.log10(loudestFrameEnergy(speech) / loudestFrameEnergy(added));
    expect(foundDb).toBeCloseTo(snrDb, 1);
  }
});

test("what is too loud is cut at the top, never wrapped around; the inputs stay as they were", () => {
  const speech = new Int16Array(4_096).fill(32_000);
  const mixed = mixNoise(speech, new Int16Array(100).fill(500), 0, 0);
  expect(mixed.every((sample) => sample === 32_767)).toBe(true);
  expect(speech.every((sample) => sample === 32_000)).toBe(true);
});

test("silence as noise, and no noise at all, change nothing", () => {
  const speech = Int16Array.of(1, 2, 3);
  expect(mixNoise(speech, new Int16Array(0), 10, 0)).toEqual(speech);
  expect(mixNoise(speech, new Int16Array(50), 10, 3)).toEqual(speech);
});
