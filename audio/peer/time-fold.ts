import { FRAME_SAMPLES, type Frame16k } from "../frame.ts";
import { levelDbfs } from "../level.ts";

/** Over which one frame becomes the other. */
const BLEND_SAMPLES = 80;
/** What is quieter than this may be blended anywhere. */
const QUIET_DBFS = -50;

/**
 * Plays two frames in the time of one where that is not heard: where 5 ms of the sound are like the 5 ms one frame later
 * (its period fits), or it is quiet. `out` gets the result and true is returned; false where no place is as alike as
 * `alike`, from 1 (the same) to -1 (anything). WSOLA (Verhelst and Roelands, 1993), at a fixed lag. 10 µs.
 */
export function foldFrames(first: Frame16k, second: Frame16k, alike: number, out: Frame16k): boolean {
  const isQuiet = levelDbfs(first) < QUIET_DBFS && levelDbfs(second) < QUIET_DBFS;
  let best = -1;
  let bestAt = FRAME_SAMPLES - BLEND_SAMPLES;
  for (let at = 0; at <= FRAME_SAMPLES - BLEND_SAMPLES; at += 2) {
    const likeness = likenessAt(first, second, at);
    if (likeness <= best) continue;
    best = likeness;
    bestAt = at;
  }
  if (best < alike && !isQuiet) return false;
  for (let index = 0; index < FRAME_SAMPLES; index += 1) {
    const share = Math.min(1, Math.max(0, (index - bestAt + 0.5) / BLEND_SAMPLES));
    out[index] = Math.round((first[index] ?? 0) * (1 - share) + (second[index] ?? 0) * share);
  }
  return true;
}

/** The normalised correlation of the two over the blend. */
function likenessAt(first: Frame16k, second: Frame16k, at: number): number {
  let product = 0;
  let energy = 1;
  let other = 1;
  for (let index = at; index < at + BLEND_SAMPLES; index += 1) {
    const one = first[index] ?? 0;
    const two = second[index] ?? 0;
    product += one * two;
    energy += one * one;
    other += two * two;
  }
  return product / Math.sqrt(energy * other);
}
