import { expect, test } from "vitest";
import { RATE_HZ } from "#audio/frame.ts";
import { seeded, vary } from "#audio/teach/vary.ts";
import { faultOf, findWord } from "#audio/teach/word-span.ts";

type Sound = Readonly<{ atMs: number; forMs: number; peak: number }>;

const WORD: Sound = { atMs: 1_000, forMs: 600, peak: 8_000 };
const samplesOf = (ms: number): number => (ms * RATE_HZ) / 1_000;

/** A recording of three seconds in which tones stand for words. */
function record(sounds: readonly Sound[], noisePeak = 20): Int16Array {
  const random = seeded(3);
  const samples = Int16Array.from({ length: samplesOf(3_000) }, () => noisePeak * (2 * random() - 1));
  for (const { atMs, forMs, peak } of sounds)
    for (let index = samplesOf(atMs); index < Math.min(samples.length, samplesOf(atMs + forMs)); index += 1)
      samples[index] = Math.max(-32_768, Math.min(32_767, peak * Math.sin((2 * Math.PI * 300 * index) / RATE_HZ)));
  return samples;
}

function faultIn(sounds: readonly Sound[], noisePeak?: number): string | null {
  const samples = record(sounds, noisePeak);
  return faultOf(samples, findWord(samples));
}

test("a word that is said alone in a quiet room is found where it is said", () => {
  expect(faultIn([WORD])).toBeNull();
  const span = findWord(record([WORD]));
  expect(span?.start).toBe(samplesOf(1_000));
  expect(span?.end).toBe(samplesOf(1_600));
});

test("a pause within a word, and a click beside it, are no second word", () => {
  const [first, second] = [
    { ...WORD, forMs: 250 },
    { ...WORD, atMs: 1_400, forMs: 250 },
  ];
  expect(faultIn([first, second])).toBeNull();
  expect(faultIn([WORD, { atMs: 2_500, forMs: 20, peak: 8_000 }])).toBeNull();
});

test.each<[string, readonly Sound[], number, RegExp]>([
  ["nothing", [], 0, /nothing was heard/],
  ["a whisper far away", [{ ...WORD, peak: 60 }], 2, /nothing was heard/],
  ["a word that clips", [{ ...WORD, peak: 60_000 }], 20, /too loud/],
  ["a word in noise", [WORD], 3_500, /too much noise/],
  ["two words", [WORD, { ...WORD, atMs: 2_100 }], 20, /more than one word/],
  ["a short word", [{ ...WORD, forMs: 200 }], 20, /too short/],
  ["a sentence", [{ ...WORD, atMs: 500, forMs: 1_600 }], 20, /too long/],
  ["a word before the tone was over", [{ ...WORD, atMs: 0 }], 20, /cut off/],
  ["a word that the end cuts off", [{ ...WORD, atMs: 2_500 }], 20, /cut off/],
])("%s is refused, with what to do about it", (_, sounds, noisePeak, why) => {
  expect(faultIn(sounds, noisePeak)).toMatch(why);
});

test("no recording at all, however long or strange, makes the search throw", () => {
  for (const samples of [
    new Int16Array(0),
    new Int16Array(1),
    new Int16Array(159),
    new Int16Array(RATE_HZ).fill(-32_768),
    new Int16Array(30 * RATE_HZ).fill(7),
  ])
    expect(faultOf(samples, findWord(samples))).not.toBeNull();
});

test("a variant holds the word, ends where it says, and is the same for the same seed", () => {
  const samples = record([WORD]);
  const word = samples.subarray(samplesOf(1_000), samplesOf(1_600));
  const other = record([{ atMs: 0, forMs: 3_000, peak: 4_000 }]);
  const [one, same] = [vary(word, [other], seeded(5)), vary(word, [other], seeded(5))];
  expect(one).toEqual(same);
  expect(one.wordEnd).toBeLessThan(one.samples.length);
  expect(one.wordEnd).toBeGreaterThan(samplesOf(1_500));
  // Nothing else is there to vary it with, and it still can be.
  expect(vary(word, [], seeded(5)).samples.length).toBeGreaterThan(word.length);
});
