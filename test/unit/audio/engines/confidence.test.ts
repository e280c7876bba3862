import { describe, expect, test } from "vitest";
import { confidence, NOTHING, sureness } from "#audio/engines/confidence.ts";
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

describe("the surer", () => {
  test("the longer it is: two words that fit as well as ten are less sure", () => {
    const of = (frames: number) => sureness([segment("a", 0, frames - 1, -frames)], [segment("AA", 0, frames - 1, 0)]);
    expect(of(40)).toBeLessThan(of(120));
    expect(of(150)).toBeCloseTo(of(400));
  });

  test("the less speech it leaves over, of which a little is usual, and silence none", () => {
    const words = [segment("a", 0, 99, -100)];
    const of = (...more: Segment[]) => sureness(words, [segment("AA", 0, 99, 0), ...more]);
    expect(of(segment("K", 100, 109, -9))).toBe(of());
    expect(of(segment("K", 100, 149, -9))).toBeLessThan(of() - 1);
    expect(of(segment("SIL", 100, 199, -9), segment("+NSN+", 200, 299, -9))).toBe(of());
  });

  test("and nothing where no word was heard", () => {
    expect(sureness([segment("<sil>", 0, 9, -1)], [segment("AA", 0, 9, -1)])).toBe(NOTHING);
  });
});

function segment(word: string, firstFrame: number, lastFrame: number, logLikelihood: number): Segment {
  return { word, firstFrame, lastFrame, logLikelihood };
}
