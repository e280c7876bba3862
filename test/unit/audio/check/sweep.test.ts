import { expect, test } from "vitest";
import { judge } from "#audio/check/judge.ts";
import { Meter, type Reading } from "#audio/check/meter.ts";
import { findSweeps, makeSweeps } from "#audio/check/sweep.ts";
import { RATE_HZ } from "#audio/frame.ts";
import { saturate } from "#audio/level.ts";

/** The same noise in each run. */
function noise(length: number, peak: number): Int16Array {
  let state = 5;
  return Int16Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.round((state / 2 ** 30 - 1) * peak);
  });
}

/** What a microphone hears of the sweeps, so late, so loud, over noise. */
function room(delayMs: number, gain: number, noisePeak: number): Int16Array {
  const sweeps = makeSweeps();
  const hiss = noise(sweeps.length, noisePeak);
  const delay = Math.round((delayMs * RATE_HZ) / 1_000);
  return hiss.map((sample, index) => saturate(sample + gain * (sweeps[index - delay] ?? 0)));
}

test.each([
  [4, 1, 10],
  [250, -0.3, 100],
  [1_900, 0.5, 1_500],
])("tones that come back %i ms later are found there", (delayMs, gain, noisePeak) => {
  const heard = findSweeps(room(delayMs, gain, noisePeak));
  expect(heard.sweeps).toBe(3);
  expect(Math.abs((heard.delayMs ?? 0) - delayMs)).toBeLessThan(1);
});

test("noise alone is never taken for the tones", () => {
  expect(findSweeps(noise(makeSweeps().length, 8_000))).toMatchObject({ sweeps: 0, delayMs: null });
});

test.each([
  ["fine", room(30, 0.5, 30)],
  ["dead", new Int16Array(makeSweeps().length)],
  ["unheard", noise(makeSweeps().length, 200)],
  ["clipped", room(30, 12, 30)],
  ["late", room(900, 0.5, 30)],
  ["faint", room(30, 0.012, 5)],
  ["patchy", room(30, 0.5, 30).fill(1, 1.5 * RATE_HZ, 2.4 * RATE_HZ)],
] as const)("what was heard is told as %s, with what to do where it is not fine", (verdict, recorded) => {
  const judged = judge(findSweeps(recorded));
  expect(judged.verdict).toBe(verdict);
  expect(judged.next === null).toBe(verdict === "fine");
});

test("the meter tells level, held peak, clipping, and a microphone that gives only zeros", () => {
  const readings: Reading[] = [];
  const meter = new Meter((reading) => readings.push(reading));
  const push = (value: number, frames10ms: number) => {
    for (let frame = 0; frame < frames10ms; frame += 1) meter.push(new Int16Array(160).fill(value));
  };
  push(3_277, 10);
  expect(readings[0]).toMatchObject({ clipped: false, silent: false });
  expect(readings[0]?.levelDbfs).toBeCloseTo(-20, 1);
  push(-32_768, 10);
  expect(readings[1]?.clipped).toBe(true);
  push(0, 100);
  expect(readings.at(-2)?.silent).toBe(false);
  expect(readings.at(-1)).toMatchObject({ silent: true, clipped: false });
  expect(readings.at(-1)?.holdDbfs).toBeCloseTo(0, 1);
  push(0, 150);
  expect(readings.at(-1)?.holdDbfs).toBeLessThan(-15);
});
