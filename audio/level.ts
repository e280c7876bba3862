/** Full scale of signed 16-bit sound. */
export const FULL_SCALE = 32_767;
/** The level of digital silence, so that a level is always a finite number. */
export const SILENCE_DBFS = -120;

/** The factor by which `gainDb` multiplies samples. */
export function gainOfDb(gainDb: number): number {
  return 10 ** (gainDb / 20);
}

/** The largest absolute sample, 0 to 32768. */
export function peakOf(samples: Int16Array): number {
  let peak = 0;
  for (const sample of samples) {
    const size = sample < 0 ? -sample : sample;
    if (size > peak) peak = size;
  }
  return peak;
}

/** Root-mean-square level relative to full scale (a full-scale square wave is 0 dBFS). */
export function levelDbfs(samples: Int16Array): number {
  if (samples.length === 0) return SILENCE_DBFS;
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  if (energy === 0) return SILENCE_DBFS;
  return Math.max(SILENCE_DBFS, 10 * Math.log10(energy / samples.length / FULL_SCALE ** 2));
}

/** Rounds and saturates to signed 16 bit. */
export function saturate(value: number): number {
  if (value > 32_767) return 32_767;
  if (value < -32_768) return -32_768;
  return Math.round(value);
}

/** Digital zero throughout. */
export function isSilent(samples: Int16Array): boolean {
  for (const sample of samples) if (sample !== 0) return false;
  return true;
}
