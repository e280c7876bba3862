import { describe, expect, test } from "vitest";
import { seededRandom } from "#scripts/hear/random.ts";
import { type Conditions, Path } from "#scripts/impairer/path.ts";

const PACKETS = 20_000;
const BYTES = 172;

/** When each packet arrives, of one every 10 ms: none, one or several times. */
function arrivals(conditions: Conditions, packets = PACKETS): number[][] {
  const path = new Path(conditions, seededRandom(3));
  return Array.from({ length: packets }, (_, index) => {
    const times: number[] = [];
    path.pass(index * 10, BYTES, (atMs) => times.push(atMs - index * 10));
    return times;
  });
}

function share(what: readonly unknown[]): number {
  return (100 * what.length) / PACKETS;
}

describe("a bad network", () => {
  test("that is told nothing hands on every packet at once", () => {
    expect(arrivals({}, 100)).toEqual(Array.from({ length: 100 }, () => [0]));
  });

  test("loses as many as it is told to, one at a time or in bursts of just that length", () => {
    for (const burst of [1, 4]) {
      const lost = arrivals({ lossPercent: 10, burst }).map((times) => times.length === 0);
      expect(Math.abs(share(lost.filter(Boolean)) - 10)).toBeLessThan(0.7);
      const runs = lost
        .map((isLost) => (isLost ? "x" : " "))
        .join("")
        .split(/ +/)
        .filter(Boolean);
      // The last one may be cut off.
      for (const run of runs.slice(0, -1)) expect(run.length % burst).toBe(0);
    }
  });

  test("loses all of them where it is told so", () => {
    expect(arrivals({ lossPercent: 100 }, 500).flat()).toEqual([]);
  });

  test("delays within its bounds, and lets late packets be overtaken only where it may", () => {
    for (const keepsOrder of [false, true]) {
      const late = arrivals({ delayMs: 20, jitterMs: 20, keepsOrder }).flat();
      expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...late)).toBeLessThanOrEqual(40);
      expect(Math.max(...late) - Math.min(...late)).toBeGreaterThan(20);
      const times = late.map((ms, index) => ms + index * 10);
      const overtaken = times.filter((atMs, index) => index > 0 && atMs < (times[index - 1] ?? 0));
      expect(overtaken.length > 0).toBe(!keepsOrder);
    }
  });

  test("doubles as many as it is told to", () => {
    const doubled = arrivals({ duplicatePercent: 5 }).filter((times) => times.length === 2);
    expect(Math.abs(share(doubled) - 5)).toBeLessThan(0.7);
  });

  test("lets through what its bandwidth carries, holds up the rest for as long as its queue is, and loses it then", () => {
    // 200 bytes with their headers, 100 times a second: 160 kbit/s.
    const through = arrivals({ kbitPerS: 80, queueMs: 100 });
    expect(Math.abs(share(through.filter((times) => times.length > 0)) - 50)).toBeLessThan(1);
    expect(Math.max(...through.flat())).toBeLessThanOrEqual(120);
  });

  test("does the same to the same packets where it has the same seed", () => {
    const conditions = { lossPercent: 20, burst: 2, jitterMs: 30, duplicatePercent: 3 };
    expect(arrivals(conditions, 1_000)).toEqual(arrivals(conditions, 1_000));
  });

  test("refuses conditions that make no sense", () => {
    for (const conditions of [{ lossPercent: 101 }, { burst: 0 }, { delayMs: -1 }, { kbitPerS: 0 }])
      expect(() => new Path(conditions, Math.random)).toThrow();
  });
});
