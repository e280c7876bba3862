import { RATE_HZ } from "../frame.ts";
import { FULL_SCALE, gainOfDb, levelDbfs, peakOf, SILENCE_DBFS } from "../level.ts";

/** A rising tone of 400 ms, so that its place in time is sharp. */
const SWEEP_SAMPLES = 0.4 * RATE_HZ;
const FROM_HZ = 300;
const TO_HZ = 1_700;
const LEVEL_DBFS = -20;
/** The ends are faded, so that nothing clicks. */
const FADE_SAMPLES = 0.02 * RATE_HZ;
export const SWEEPS = 3;
/** From one to the next; the first begins after half a second, in which the room's own noise is heard. */
const EVERY_SAMPLES = 1.1 * RATE_HZ;
const FIRST_SAMPLES = 0.5 * RATE_HZ;
/** A sound server may well take two seconds. */
const LONGEST_DELAY_SAMPLES = 2.5 * RATE_HZ;
/** What must be played and recorded for a judgement. */
export const WHOLE_SAMPLES = FIRST_SAMPLES + SWEEPS * EVERY_SAMPLES + LONGEST_DELAY_SAMPLES;

/** By chance noise is like a sweep to 0.2 at most (its bandwidth times its length is 560). */
const LIKE = 0.25;
/** A device that skips or repeats a little moves a sweep so far at most. */
const NEAR_SAMPLES = 0.03 * RATE_HZ;
/** Only each fourth sample is compared: the sweep ends below 2 kHz. */
const STEP = 4;

/** What was heard of the sweeps. */
export type Heard = Readonly<{
  /** How many of the three came back, at one and the same delay. */
  sweeps: number;
  /** From the sample that was written to the one that was read, in milliseconds; null where nothing came back. */
  delayMs: number | null;
  /** The microphone while a sweep was heard, before the first one, and at its loudest. */
  levelDbfs: number | null;
  noiseDbfs: number;
  peakDbfs: number;
}>;

const SWEEP = makeSweep();
const SWEEP_ENERGY = energyOf(SWEEP);
const STARTS = Array.from({ length: SWEEPS }, (_, sweep) => FIRST_SAMPLES + sweep * EVERY_SAMPLES);

/** What is to be played: mono at 16 kHz. */
export function makeSweeps(): Int16Array {
  const all = new Int16Array(WHOLE_SAMPLES);
  for (const start of STARTS) all.set(SWEEP, start);
  return all;
}

/** Looks for the sweeps in what was recorded while `makeSweeps` was played. */
export function findSweeps(recorded: Int16Array): Heard {
  const noise = recorded.subarray(0, FIRST_SAMPLES);
  const peak = peakOf(recorded);
  const rest = {
    noiseDbfs: levelDbfs(noise),
    peakDbfs: peak === 0 ? SILENCE_DBFS : 20 * Math.log10(peak / FULL_SCALE),
  };
  const delay = findDelay(recorded);
  const sweeps = STARTS.filter((start) => isNear(recorded, start + delay)).length;
  if (sweeps < 2) return { sweeps: 0, delayMs: null, levelDbfs: null, ...rest };
  const from = FIRST_SAMPLES + delay;
  const level = levelDbfs(recorded.subarray(from, from + SWEEP_SAMPLES));
  return { sweeps, delayMs: (delay * 1_000) / RATE_HZ, levelDbfs: level, ...rest };
}

function makeSweep(): Int16Array {
  const peak = FULL_SCALE * gainOfDb(LEVEL_DBFS) * Math.SQRT2;
  const seconds = SWEEP_SAMPLES / RATE_HZ;
  return Int16Array.from({ length: SWEEP_SAMPLES }, (_, index) => {
    const time = index / RATE_HZ;
    const fade = Math.min(1, index / FADE_SAMPLES, (SWEEP_SAMPLES - 1 - index) / FADE_SAMPLES);
    const phase = 2 * Math.PI * (FROM_HZ * time + ((TO_HZ - FROM_HZ) * time * time) / (2 * seconds));
    return Math.round(peak * fade * Math.sin(phase));
  });
}

/** Where all of them together fit best: one alone would fit as well where the next one is. */
function findDelay(recorded: Int16Array): number {
  let best = { like: 0, delay: 0 };
  for (let delay = 0; delay < LONGEST_DELAY_SAMPLES; delay += STEP) {
    const like = STARTS.reduce((sum, start) => sum + likeness(recorded, start + delay), 0);
    if (like > best.like) best = { like, delay };
  }
  return best.delay;
}

/** Whether one of them is there, or close to it. */
function isNear(recorded: Int16Array, at: number): boolean {
  for (let from = at - NEAR_SAMPLES; from <= at + NEAR_SAMPLES; from += STEP)
    if (likeness(recorded, from) >= LIKE) return true;
  return false;
}

/** Normalised correlation, whichever way round the loudspeaker is wired: 1 where it is the sweep and nothing else. */
function likeness(recorded: Int16Array, from: number): number {
  let [product, theirs] = [0, 1];
  for (let index = 0; index < SWEEP_SAMPLES; index += STEP) {
    const other = recorded[from + index] ?? 0;
    product += (SWEEP[index] ?? 0) * other;
    theirs += other * other;
  }
  return Math.abs(product) / Math.sqrt(SWEEP_ENERGY * theirs);
}

function energyOf(samples: Int16Array): number {
  let energy = 0;
  for (let index = 0; index < samples.length; index += STEP) energy += (samples[index] ?? 0) ** 2;
  return energy;
}
