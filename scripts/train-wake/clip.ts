import { RATE_HZ } from "#audio/frame.ts";
import { clip as clipSample, mixNoise } from "../hear/noise.ts";

/** Sound to learn from or to be judged on: mono, 16 kHz, 16 bit. */
export type Clip = Readonly<{
  samples: Int16Array;
  /** Where the wake word ends, in samples; null where it is not said. */
  wordEnd: number | null;
}>;

export type Random = () => number;

export function pick<T>(random: Random, from: readonly T[]): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new Error("There is nothing to choose from");
  return chosen;
}

/** The word is over where its level falls 26 dB below its loudest 10 ms for good, or into the recording's own noise. */
export function findWordEnd(samples: Int16Array): number {
  const frame = RATE_HZ / 100;
  const levels: number[] = [];
  for (let start = 0; start + frame <= samples.length; start += frame) {
    let energy = 0;
    for (let i = start; i < start + frame; i++) energy += (samples[i] ?? 0) ** 2;
    levels.push(Math.sqrt(energy / frame));
  }
  const floor = levels.toSorted((a, b) => a - b)[Math.floor(levels.length / 5)] ?? 0;
  const threshold = Math.max(floor * 3, Math.max(...levels) * 0.05);
  // Two of three frames, so that a click at the end is not a word.
  for (let i = levels.length - 1; i >= 2; i--) {
    const loud = [levels[i], levels[i - 1], levels[i - 2]].filter((level) => (level ?? 0) > threshold).length;
    if ((levels[i] ?? 0) > threshold && loud >= 2) return (i + 1) * frame;
  }
  return samples.length;
}

/** `before`, then the clip from shortly before its word on, then `after` directly behind the word. */
export function embed(clip: Clip, before: Int16Array, after: Int16Array, gapSamples: number): Clip {
  const wordEnd = clip.wordEnd ?? clip.samples.length;
  const start = Math.max(0, wordEnd - RATE_HZ);
  const word = clip.samples.subarray(start, wordEnd + gapSamples);
  const samples = new Int16Array(before.length + word.length + after.length);
  samples.set(before);
  samples.set(word, before.length);
  samples.set(after, before.length + word.length);
  return { samples, wordEnd: clip.wordEnd === null ? null : before.length + wordEnd - start };
}

export function withNoise(clip: Clip, noise: Int16Array, snrDb: number, random: Random): Clip {
  return { ...clip, samples: mixNoise(clip.samples, noise, snrDb, Math.floor(random() * noise.length)) };
}

export function withGain(clip: Clip, gainDb: number): Clip {
  const gain = 10 ** (gainDb / 20);
  return { ...clip, samples: clip.samples.map((sample) => clipSample(sample * gain)) };
}

/** Said faster (above 1) and higher, or slower and lower. */
export function withSpeed({ samples, wordEnd }: Clip, speed: number): Clip {
  const faster = Int16Array.from({ length: Math.floor((samples.length - 1) / speed) }, (_, i) => {
    const at = i * speed;
    const before = Math.floor(at);
    const between = at - before;
    return (samples[before] ?? 0) * (1 - between) + (samples[before + 1] ?? 0) * between;
  });
  return { samples: faster, wordEnd: wordEnd === null ? null : Math.min(faster.length, Math.round(wordEnd / speed)) };
}

/** As a cheap microphone or a telephone hears it: nothing above 3.4 kHz, by a windowed sinc (Blackman). */
export function withNarrowBand(clip: Clip): Clip {
  const reach = 24;
  const taps = Array.from({ length: 2 * reach + 1 }, (_, i) => {
    const x = ((i - reach) * 3_400 * 2) / RATE_HZ;
    const turn = (Math.PI * i) / reach;
    const window = 0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn);
    return (window * (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)) * 3_400 * 2) / RATE_HZ;
  });
  const samples = new Int16Array(clip.samples.length);
  for (let at = 0; at < samples.length; at++) {
    let sum = 0;
    for (let i = 0; i <= 2 * reach; i++) sum += (taps[i] ?? 0) * (clip.samples[at + i - reach] ?? 0);
    samples[at] = clipSample(sum);
  }
  return { ...clip, samples };
}

/** Something like a ring tone: two partials in bursts, each time another pair. What echo cancellation leaves is like it. */
export function ringLike(random: Random, samples: number): Int16Array {
  const [lowHz, highHz] = [350 + random() * 500, 600 + random() * 900];
  const burst = Math.floor(RATE_HZ * (0.1 + random() * 0.5));
  const offset = Math.floor(random() * burst * 2);
  return Int16Array.from({ length: samples }, (_, i) => {
    const phase = (i + offset) % (burst * 2);
    if (phase > burst) return 0;
    const envelope = Math.min(1, phase / 160, (burst - phase) / 160);
    const turn = (2 * Math.PI * i) / RATE_HZ;
    return 6_000 * envelope * (Math.sin(turn * lowHz) + Math.sin(turn * highHz));
  });
}
