import { describe, expect, test } from "vitest";
import { compareSamples, criticalDistance } from "#scripts/bench/kolmogorov-smirnov.ts";
import { seededRandom } from "#scripts/hear/random.ts";

/** n over k. */
function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i += 1) ways = (ways * (n - k + i)) / i;
  return ways;
}

/** Two samples of n and no ties whose distance is k/n: one is the other, k ranks later. */
function shifted(n: number, k: number): [number[], number[]] {
  const one = Array.from({ length: n }, (_, i) => i);
  return [one, one.map((value) => value + k - 0.5)];
}

/** Gnedenko and Korolyuk 1951: P(D ≥ k/n) for two samples of n. */
function known(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i * k <= n; i += 1) sum += (i % 2 === 1 ? 2 : -2) * choose(2 * n, n - i * k);
  return sum / choose(2 * n, n);
}

/** Every way to deal the pooled values, and the share of those that lie as far apart or farther. */
function dealt(one: readonly number[], other: readonly number[]): number {
  const pooled = [...one, ...other];
  const at = compareSamples(one, other).distance;
  let [ways, far] = [0, 0];
  for (let hand = 0; hand < 2 ** pooled.length; hand += 1) {
    const mine = pooled.filter((_, index) => (hand >> index) & 1);
    if (mine.length !== one.length) continue;
    ways += 1;
    const theirs = pooled.filter((_, index) => !((hand >> index) & 1));
    if (compareSamples(mine, theirs).distance >= at - 1e-12) far += 1;
  }
  return far / ways;
}

describe("the test of Kolmogorov and Smirnov", () => {
  test.each([
    [5, 4],
    [10, 7],
    [10, 4],
    [50, 20],
    [200, 30],
  ])("gives the known p for two samples of %i that lie %i ranks apart", (n, k) => {
    const { distance, p } = compareSamples(...shifted(n, k));
    expect(distance).toBeCloseTo(k / n, 12);
    expect(p / known(n, k)).toBeCloseTo(1, 9);
  });

  test("gives 0.01234 for two samples of 10 at a distance of 0.7, as the tables do", () => {
    expect(compareSamples(...shifted(10, 7)).p).toBeCloseTo(0.01234, 5);
  });

  test("comes near to Kolmogorov's limit for two samples of 1,000", () => {
    const lambda = (60 / 1_000) * Math.sqrt(500);
    const limit = [1, 2, 3, 4].reduce(
      (sum, i) => sum + 2 * (-1) ** (i - 1) * Math.exp(-2 * i * i * lambda * lambda),
      0,
    );
    expect(compareSamples(...shifted(1_000, 60)).p / limit).toBeCloseTo(1, 1);
  });

  test("loses no digit of a tiny p", () => {
    const { distance, p } = compareSamples(...shifted(50, 50));
    expect(distance).toBe(1);
    expect((p * choose(100, 50)) / 2).toBeCloseTo(1, 9);
  });

  test.each<[number[], number[]]>([
    [
      [20, 20, 40],
      [20, 40, 40, 60],
    ],
    [
      [0, 0, 0, 20],
      [20, 20, 20, 20],
    ],
    [
      [1, 1, 2, 2, 3],
      [2, 2, 3, 3, 4, 4],
    ],
    [
      [1, 2, 3],
      [4, 5, 6, 7, 8],
    ],
  ])("counts every way to deal the values, ties and all: %j against %j", (one, other) => {
    expect(compareSamples(one, other).p).toBeCloseTo(dealt(one, other), 12);
  });

  test("finds nothing between samples of equal values, and nothing more to say than p = 1", () => {
    expect(compareSamples([20, 20, 20], [20, 20])).toEqual({ distance: 0, p: 1 });
  });

  test("raises no more false alarms than it says, on values in ticks of 20 ms", () => {
    const random = seededRandom(1);
    const sample = () => Array.from({ length: 40 }, () => 20 * Math.floor(random() * 3));
    const alarms = Array.from({ length: 1_000 }, () => compareSamples(sample(), sample()).p).filter((p) => p <= 0.05);
    expect(alarms.length).toBeLessThan(75);
    expect(alarms.length).toBeGreaterThan(15);
  });

  test("refuses a sample without values, or with one that is no number", () => {
    expect(() => compareSamples([], [1])).toThrow("without values");
    expect(() => compareSamples([1, Number.NaN], [1])).toThrow("not a number");
  });

  test("names the distance from which on a p is small enough", () => {
    for (const n of [10, 50, 200]) {
      const k = Math.ceil(criticalDistance(n, n, 0.001) * n - 1e-9);
      expect(known(n, k)).toBeLessThanOrEqual(0.001);
      expect(known(n, k - 1)).toBeGreaterThan(0.001);
    }
    expect(criticalDistance(3, 3, 0.001)).toBeGreaterThan(1);
  });
});
