import { mixNoise } from "../../hear/noise.ts";
import type { Random } from "../../train-wake/clip.ts";
import type { Sound } from "./spoken.ts";

/** The sound with noise from somewhere in `noise`, drawn at once, so that the same seed gives the same; null: none. */
export function inNoise(sound: Sound, noise: Int16Array, snrDb: number | null, random: Random): Sound {
  const start = Math.floor(random() * noise.length);
  return async () => (snrDb === null ? sound() : mixNoise(await sound(), noise, snrDb, start));
}
