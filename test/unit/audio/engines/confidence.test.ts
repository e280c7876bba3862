import { expect, test } from "vitest";
import { confidence, NOTHING } from "#audio/engines/confidence.ts";
import type { Segment } from "#audio/engines/pocketsphinx.ts";

test("words that fit as well as any phones score zero, and silence around them does not count", () => {
  const words = [segment("<sil>", 0, 49, -900), segment("call", 50, 59, -20), segment("[NOISE]", 60, 99, -900)];
  expect(confidence(words, [segment("SIL", 0, 49, -1), segment("K", 50, 59, -20)])).toBe(0);
});

test("the score is per frame: the same misfit over a longer word is the same score", () => {
  const short = confidence([segment("a", 0, 9, -30)], [segment("AA", 0, 9, -10)]);
  const long = confidence([segment("a", 0, 19, -60)], [segment("AA", 0, 19, -20)]);
  expect(short).toBe(-2);
  expect(long).toBe(short);
});

test("a phone counts for a word by the part that lies under it", () => {
  expect(confidence([segment("a", 5, 9, -10)], [segment("AA", 0, 9, -10)])).toBe(-1);
});

test("silence alone is as unsure as can be", () => {
  expect(confidence([segment("<sil>", 0, 9, -1)], [])).toBe(NOTHING);
  expect(confidence([], [])).toBe(NOTHING);
});

function segment(word: string, firstFrame: number, lastFrame: number, logLikelihood: number): Segment {
  return { word, firstFrame, lastFrame, logLikelihood };
}
