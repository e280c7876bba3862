import { expect, test } from "vitest";
import { RATE_HZ } from "#audio/frame.ts";
import { score } from "#scripts/bench/loss/score.ts";
import { seededRandom } from "#scripts/hear/random.ts";

const DELAY_SAMPLES = 1_234;
const SECONDS = 4;

/** Something that is different everywhere, with pauses, as speech is: 600 ms of noise, 200 ms of nothing. */
function said(): Int16Array {
  const random = seededRandom(9);
  let low = 0;
  return Int16Array.from({ length: SECONDS * RATE_HZ }, (_, index) => {
    low = 0.9 * low + 0.1 * (2 * random() - 1);
    return index % (0.8 * RATE_HZ) < 0.6 * RATE_HZ ? 20_000 * low : 0;
  });
}

function delayed(samples: Int16Array): Int16Array {
  const heard = new Int16Array(samples.length + RATE_HZ);
  heard.set(samples, DELAY_SAMPLES);
  return heard;
}

/** Digital silence for so long, `fromMs` after the beginning of what was said. */
function cut(heard: Int16Array, fromMs: number, forMs: number): Int16Array {
  const from = DELAY_SAMPLES + fromMs * 16;
  return heard.fill(0, from, from + forMs * 16);
}

test("what arrives whole, but late, has no gap and as good a ratio as there is", () => {
  expect(score(said(), delayed(said()))).toMatchObject({ gaps: 0, longestGapMs: 0, segmentalSnrDb: 35 });
});

test("a gap is found, and is as long as it is", () => {
  for (const forMs of [30, 60, 200]) {
    const found = score(said(), cut(delayed(said()), 900, forMs));
    expect(found.gaps).toBe(1);
    expect(Math.abs(found.longestGapMs - forMs)).toBeLessThanOrEqual(10);
  }
});

test("what is missing while nothing was said is no gap", () => {
  expect(score(said(), cut(delayed(said()), 1_420, 150)).gaps).toBe(0);
});

test("sound that was shortened on the way is followed, and is no gap", () => {
  const heard = delayed(said());
  heard.copyWithin(DELAY_SAMPLES + 2 * RATE_HZ, DELAY_SAMPLES + 2 * RATE_HZ + 12 * 16);
  const found = score(said(), heard);
  expect(found.longestGapMs).toBeLessThanOrEqual(20);
  expect(found.segmentalSnrDb).toBeGreaterThan(30);
});

test("sound of somebody else is told by its ratio", () => {
  const other = delayed(said().toReversed());
  expect(score(said(), other).segmentalSnrDb).toBeLessThan(3);
});
