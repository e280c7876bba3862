import { RATE_HZ } from "#audio/frame.ts";

/** 16 kHz mono; what is played and looked for. */
const CHIRP_MS = 24;
const FROM_HZ = 500;
const TO_HZ = 3_000;
const PEAK = 16_000;
/** Prime, so that no chirp falls into a frame at the place where another did. */
const SPACING_SAMPLES = 8_017;
const FIRST_AT = 4_000;
/** No call is later than this. */
const LATEST_MS = 400;
/** In one train: 4 s of sound. */
export const CHIRPS = 8;
/** Below this the two do not match, and nothing is said of how late the chirp came. */
const SURE = 0.5;

/** A train of chirps with silence between; `count` × 0.5 s. */
export function chirpTrain(count: number): Int16Array {
  const train = new Int16Array(count * SPACING_SAMPLES);
  const one = chirp();
  for (let index = 0; index < count; index += 1) train.set(one, index * SPACING_SAMPLES + FIRST_AT);
  return train;
}

/** Five seconds of chirps in syllables, with 24 ms between: what no suppressor of steady noise takes for noise. */
export function chatter(): Int16Array {
  const sound = new Int16Array(5 * RATE_HZ);
  const one = chirp();
  for (let at = 0; at + one.length <= sound.length; at += 2 * one.length) sound.set(one, at);
  return sound;
}

/** Where chirps begin in `recorded`, in samples, to a fraction of one: the peaks of the normalised correlation. */
export function findChirps(recorded: Int16Array): number[] {
  const one = chirp();
  const starts: number[] = [];
  let at = 0;
  while (at + one.length < recorded.length) {
    if (correlation(recorded, at, one) < SURE) {
      at += 1;
      continue;
    }
    let best = at;
    for (let near = at; near < at + one.length && near + one.length < recorded.length; near += 1)
      if (correlation(recorded, near, one) > correlation(recorded, best, one)) best = near;
    starts.push(best + vertex([-1, 0, 1].map((off) => correlation(recorded, best + off, one))));
    at = best + Math.floor(SPACING_SAMPLES / 2);
  }
  return starts;
}

/** How much later, in milliseconds, each of `sent` was heard; what was not heard is left out. Both in milliseconds. */
export function delaysOf(sent: readonly number[], heard: readonly number[]): number[] {
  return sent.flatMap((at) => {
    const after = heard.find((one) => one > at && one < at + LATEST_MS);
    return after === undefined ? [] : [after - at];
  });
}

/** A linear sweep with soft edges (Hann), which correlates with itself at one place only. */
function chirp(): Int16Array {
  const length = (CHIRP_MS * RATE_HZ) / 1_000;
  const samples = new Int16Array(length);
  for (let index = 0; index < length; index += 1) {
    const seconds = index / RATE_HZ;
    const angle = 2 * Math.PI * (FROM_HZ * seconds + ((TO_HZ - FROM_HZ) * seconds ** 2) / (2 * (CHIRP_MS / 1_000)));
    samples[index] = PEAK * Math.sin(angle) * (0.5 - 0.5 * Math.cos((2 * Math.PI * index) / length));
  }
  return samples;
}

/** From -1 to 1; 0 where next to nothing is heard. */
function correlation(recorded: Int16Array, at: number, one: Int16Array): number {
  let [product, heard, own] = [0, 0, 0];
  for (let index = 0; index < one.length; index += 1) {
    const sample = recorded[at + index] ?? 0;
    const expected = one[index] ?? 0;
    product += sample * expected;
    heard += sample ** 2;
    own += expected ** 2;
  }
  const quiet = one.length * 100 ** 2;
  return heard < quiet ? 0 : product / Math.sqrt(heard * own);
}

/** Where a parabola through three points one apart has its peak, from the middle one. */
function vertex([before = 0, middle = 0, after = 0]: readonly number[]): number {
  const bend = before - 2 * middle + after;
  return bend === 0 ? 0 : (before - after) / (2 * bend);
}
