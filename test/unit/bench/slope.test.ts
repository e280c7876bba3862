import { expect, test } from "vitest";
import { grows, type Point, slopeOf } from "#scripts/bench/soak/slope.ts";
import { seededRandom } from "#scripts/hear/random.ts";

/** Memory in MB over 600 calls: it wanders as an AR(1) process does, and grows by so much a call. */
function memory(seed: number, growthMb: number, correlation: number): Point[] {
  const random = seededRandom(seed);
  let wander = 0;
  return Array.from({ length: 600 }, (_, call) => {
    const shock = random() + random() + random() - 1.5;
    wander = correlation * wander + shock;
    return { x: call, y: 180 + wander + growthMb * call };
  });
}

function shareThatGrows(growthMb: number, correlation: number): number {
  const runs = 400;
  let grown = 0;
  for (let seed = 1; seed <= runs; seed += 1) if (grows(slopeOf(memory(seed, growthMb, correlation)))) grown += 1;
  return grown / runs;
}

test("memory that only wanders is rarely said to grow, however long it stays where it went", () => {
  for (const correlation of [0, 0.5, 0.9, 0.97]) expect(shareThatGrows(0, correlation)).toBeLessThan(0.06);
});

test("a leak of ten kilobytes a call is found out among a megabyte of wandering", () => {
  expect(shareThatGrows(0.01, 0.9)).toBeGreaterThan(0.95);
});

test("the slope of a straight line is known exactly, and that of too few points not at all", () => {
  const line = Array.from({ length: 100 }, (_, x) => ({ x, y: 3 * x }));
  const slope = slopeOf(line);
  expect(slope.value).toBeCloseTo(3);
  expect(slope.low).toBeCloseTo(3);
  expect(slopeOf(line.slice(0, 3)).low).toBe(-Infinity);
});
