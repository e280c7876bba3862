import fc from "fast-check";
import { expect, test } from "vitest";
import { WakeDoubt } from "#audio/engines/wake-doubt.ts";

function doubts(doubt: WakeDoubt, scores: readonly number[]): number[] {
  return scores.flatMap((score, at) => (doubt.hear(score) ? [at] : []));
}

test("what lies little below the threshold is told once it should be over, and again where it comes again", () => {
  expect(doubts(new WakeDoubt(2), [-9, -1, -0.5, -1, -9, -9, -9])).toEqual([5]);
  expect(doubts(new WakeDoubt(2), [-1, -9, -9, -9, -9, -1, -9, -9, -9, -9])).toEqual([4, 9]);
});

test("what lies further below is never told", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ max: -2, noNaN: true })), (scores) => {
      expect(doubts(new WakeDoubt(2), scores)).toEqual([]);
    }),
  );
});

test("the word that was heard meanwhile is in doubt no more", () => {
  const doubt = new WakeDoubt(2);
  expect(doubts(doubt, [-1, -0.5, -0.1])).toEqual([]);
  doubt.settle();
  expect(doubts(doubt, [-9, -9, -9, -9])).toEqual([]);
});
