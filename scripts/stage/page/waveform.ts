import { RATE_HZ } from "#audio/frame.ts";
import type { PageRecording } from "./data.ts";
import type { Span } from "./span.ts";

const SAMPLES_PER_MS = RATE_HZ / 1_000;
const FULL_SCALE = 32_768;

export type Track = "people" | "loudspeaker";

export function spanOfRecording({ startedMs, people, loudspeaker }: PageRecording): Span {
  return { fromMs: startedMs, toMs: startedMs + Math.max(people.length, loudspeaker.length) / SAMPLES_PER_MS };
}

/**
 * The sound of a span as an SVG path, one upright stroke a column from its lowest to its highest sample, around y = 0.
 * The height goes by the square root of the amplitude, so that soft sounds show; what is lower than half a unit
 * (−58 dBFS where `halfHeight` is 14) is left out. Empty where there is nothing to see.
 */
export function waveform(
  recordings: readonly PageRecording[],
  track: Track,
  { fromMs, toMs }: Span,
  { columns, halfHeight }: Readonly<{ columns: number; halfHeight: number }>,
): string {
  const columnMs = (toMs - fromMs) / columns;
  let path = "";
  for (const recording of recordings) {
    const samples = recording[track];
    const sampleAt = (column: number) =>
      Math.round((fromMs + column * columnMs - recording.startedMs) * SAMPLES_PER_MS);
    for (let column = 0; column < columns; column++) {
      const [low, high] = extremes(samples, sampleAt(column), sampleAt(column + 1));
      const top = -Math.round(height(high) * halfHeight);
      const bottom = -Math.round(height(low) * halfHeight);
      if (top < bottom) path += `M${column} ${top}V${bottom}`;
    }
  }
  return path;
}

function extremes(samples: Int16Array, from: number, to: number): readonly [low: number, high: number] {
  let low = 0;
  let high = 0;
  const end = Math.min(samples.length, to);
  for (let at = Math.max(0, from); at < end; at++) {
    const sample = samples[at] ?? 0;
    if (sample < low) low = sample;
    else if (sample > high) high = sample;
  }
  return [low, high];
}

function height(sample: number): number {
  return Math.sign(sample) * Math.sqrt(Math.abs(sample) / FULL_SCALE);
}
