import { mixNoise } from "../../hear/noise.ts";
import { seededRandom } from "../../hear/random.ts";
import type { Sound } from "./ears.ts";

/** Decibels of speech over noise; null: without noise. */
export type Level = number | null;

export function nameOf(level: Level): string {
  return level === null ? "clean" : `${level} dB`;
}

/** Each with noise from somewhere in `noise`: the same seed, the same places. */
export function inNoise(sounds: readonly Sound[], noise: Int16Array, snrDb: Level, seed: number): Sound[] {
  if (snrDb === null) return [...sounds];
  const random = seededRandom(seed);
  return sounds.map((sound) => {
    const start = Math.floor(random() * noise.length);
    return async () => mixNoise(await sound(), noise, snrDb, start);
  });
}
