import { expect, test } from "vitest";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import { foldFrames } from "#audio/peer/time-fold.ts";
import { seededRandom } from "#scripts/hear/random.ts";

function frames(sound: (sample: number) => number): readonly [Int16Array, Int16Array] {
  const all = Int16Array.from({ length: 2 * FRAME_SAMPLES }, (_, sample) => sound(sample));
  return [all.slice(0, FRAME_SAMPLES), all.slice(FRAME_SAMPLES)];
}
const tone = (hz: number) => (sample: number) => 8_000 * Math.sin((2 * Math.PI * hz * sample) / RATE_HZ);

/** The largest step from one sample to the next, of what came before, what was folded, and what comes after. */
function largestStep(out: Int16Array): number {
  return Math.max(...out.subarray(1).map((sample, index) => Math.abs(sample - (out[index] ?? 0))));
}

test("two frames of a voice whose period fits become one without a click, from the first's start to the second's end", () => {
  const [first, second] = frames(tone(200));
  const out = new Int16Array(FRAME_SAMPLES);
  expect(foldFrames(first, second, 0.9, out)).toBe(true);
  expect(out[0]).toBe(first[0]);
  expect(out.at(-1)).toBe(second.at(-1));
  expect(largestStep(out)).toBeLessThan(1.05 * largestStep(first));
});

test("where the period does not fit nothing is folded, until anything will do; quiet fits anywhere", () => {
  const [first, second] = frames(tone(150));
  const out = new Int16Array(FRAME_SAMPLES);
  expect(foldFrames(first, second, 0.9, out)).toBe(false);
  expect(out.every((sample) => sample === 0)).toBe(true);
  expect(foldFrames(first, second, -1, out)).toBe(true);
  const [quiet, too] = frames((sample) => 20 * Math.sin(sample * sample));
  expect(foldFrames(quiet, too, 0.99, out)).toBe(true);
});

test("the place is taken where the two are most alike", () => {
  const chance = seededRandom(1);
  const hiss = (sample: number) => (sample % FRAME_SAMPLES < 80 ? (chance() - 0.5) * 16_000 : tone(200)(sample));
  const [first, second] = frames(hiss);
  const out = new Int16Array(FRAME_SAMPLES);
  expect(foldFrames(first, second, 0.9, out)).toBe(true);
  expect(out.subarray(0, 80)).toEqual(first.subarray(0, 80));
});

test("it may write over either frame", () => {
  const [first, second] = frames(tone(400));
  const apart = new Int16Array(FRAME_SAMPLES);
  foldFrames(first, second, 0.5, apart);
  const over = first.slice();
  foldFrames(over, second, 0.5, over);
  expect(over).toEqual(apart);
});
