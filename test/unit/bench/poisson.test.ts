import { expect, test } from "vitest";
import { rateBounds } from "#scripts/bench/wake/poisson.ts";

test("the bounds of a rate are the exact ones of a Poisson count", () => {
  // F. Garwood's table, 1936: 95 % limits of the mean for counts of 0, 1, 2, 10 and 100.
  const table = [
    [0, 0, 3.689],
    [1, 0.0253, 5.572],
    [2, 0.2422, 7.225],
    [10, 4.795, 18.39],
    [100, 81.36, 121.63],
  ] as const;
  for (const [count, least, most] of table) {
    const bounds = rateBounds(count, 1);
    expect(bounds.least).toBeCloseTo(least, 2);
    expect(bounds.most).toBeCloseTo(most, 2);
  }
});

test("ten times as many hours with the same count bound the rate ten times as low", () => {
  expect(rateBounds(3, 10).most).toBeCloseTo(rateBounds(3, 1).most / 10, 6);
});
