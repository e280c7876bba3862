import { FULL_SCALE, gainOfDb, saturate } from "../level.ts";

/** Length of the noise before it repeats; a prime, so that it beats with nothing. */
const NOISE_SAMPLES = 32_771;

/** Numbers in [-1, 1), always the same (Marsaglia, "Xorshift RNGs", 2003). */
export function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
}

/** White noise of the given level: uniform samples, whose level is √3 below their peak. Mono, 16 kHz, 16 bit. */
export function makeWhiteNoise(levelDbfs: number): Int16Array {
  const noise = new Int16Array(NOISE_SAMPLES);
  const peak = FULL_SCALE * gainOfDb(levelDbfs) * Math.sqrt(3);
  const next = xorshift(0x2545f491);
  for (let index = 0; index < NOISE_SAMPLES; index += 1) noise[index] = saturate(next() * peak);
  return noise;
}
