import { describe, expect, test } from "vitest";
import {
  afterEnd,
  afterSteadyLife,
  type EndOfLife,
  type Health,
  healthy,
  isFailing,
  pauseMs,
  troubleIn,
  YOUNG_MS,
} from "#device/ears-health.ts";

/** So many lives of this length, one after the other. */
function lives(count: number, livedMs: number, why: EndOfLife = "died"): Health {
  let health = healthy;
  for (let life = 1; life <= count; life += 1) health = afterEnd(health, { atMs: life * livedMs, livedMs, why });
  return health;
}

describe("an audio process", () => {
  test("that dies once is started again at once, whether it was young or old", () => {
    expect(pauseMs(lives(1, 10))).toBe(0);
    expect(pauseMs(lives(1, 86_400_000))).toBe(0);
  });

  test("that dies again and again is started ever later, but never later than ten seconds", () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 9, 5_000].map((count) => pauseMs(lives(count, 100)));
    expect(pauses.slice(0, 5)).toEqual([0, 200, 400, 800, 1_600]);
    expect(pauses.toSorted((a, b) => a - b)).toEqual(pauses);
    expect(Math.max(...pauses)).toBe(10_000);
  });

  test("fails from the third short life in a row on, until one was long", () => {
    expect([1, 2, 3, 4].map((count) => isFailing(lives(count, 100)))).toEqual([false, false, true, true]);
    expect(isFailing(lives(50, YOUNG_MS))).toBe(false);
    expect(isFailing(afterSteadyLife(lives(50, 100)))).toBe(false);
    expect(pauseMs(afterSteadyLife(lives(50, 100)))).toBe(0);
  });
});

describe("the owner", () => {
  test("is told of what ended often within the last hour, and how; not of one end, nor of old ones", () => {
    expect(troubleIn(healthy, 0)).toBeNull();
    expect(troubleIn(lives(2, 60_000), 200_000)).toBeNull();
    expect(troubleIn(lives(3, 60_000, "hung"), 200_000)).toMatch(/3 times within an hour; .* it had stood still/);
    expect(troubleIn(lives(3, 60_000), 200_000 + 3_600_000)).toBeNull();
  });

  test("is told the same of a process that ended ten thousand times, in as little memory", () => {
    const health = lives(10_000, 100);
    expect(health.ends.length).toBeLessThanOrEqual(500);
    expect(troubleIn(health, 1_000_000)).toMatch(/500 times or more/);
  });
});
