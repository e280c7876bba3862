/** Samples in the frames whose loudest one stands for a recording's level: the recordings' own benchmark does so. */
const LEVEL_FRAME_SAMPLES = 2_048;

/**
 * Mixes noise into speech at a stated signal-to-noise ratio: that of the loudest 2,048-sample frame of each.
 * Mono, 16 bit; the noise starts at `startSample`, and starts over when it ends. Returns a new buffer, clipped.
 */
export function mixNoise(speech: Int16Array, noise: Int16Array, snrDb: number, startSample: number): Int16Array {
  const mixed = speech.slice();
  if (noise.length === 0) return mixed;
  const used = new Int16Array(speech.length);
  for (let i = 0; i < used.length; i++) used[i] = noise[(startSample + i) % noise.length] ?? 0;
  const noiseEnergy = loudestFrameEnergy(used);
  if (noiseEnergy === 0) return mixed;
  const gain = Math.sqrt(loudestFrameEnergy(speech) / noiseEnergy / 10 ** (snrDb / 10));
  for (let i = 0; i < mixed.length; i++) mixed[i] = clip((mixed[i] ?? 0) + gain * (used[i] ?? 0));
  return mixed;
}

/** The largest energy of any whole frame; of all of it where it is shorter than one. */
export function loudestFrameEnergy(samples: Int16Array): number {
  let loudest = 0;
  const lastStart = Math.max(0, samples.length - LEVEL_FRAME_SAMPLES);
  for (let start = 0; start <= lastStart; start += LEVEL_FRAME_SAMPLES) {
    let energy = 0;
    const end = Math.min(samples.length, start + LEVEL_FRAME_SAMPLES);
    for (let i = start; i < end; i++) energy += (samples[i] ?? 0) ** 2;
    loudest = Math.max(loudest, energy);
  }
  return loudest;
}

export function clip(sample: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(sample)));
}
