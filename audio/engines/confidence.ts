import type { Segment } from "./pocketsphinx.ts";

/**
 * How sure the recogniser may be of what it heard: the log-likelihood of the grammar's path minus that of a loop of any
 * phones, per 10 ms frame, over the words alone. About 0 where the words were said; far below it where something
 * else was and the grammar took what fitted best.
 */
export function confidence(words: readonly Segment[], phones: readonly Segment[]): number {
  let difference = 0;
  let frames = 0;
  for (const word of words) {
    if (isFiller(word.word)) continue;
    frames += word.lastFrame - word.firstFrame + 1;
    difference += word.logLikelihood - overlap(phones, word.firstFrame, word.lastFrame);
  }
  return frames === 0 ? NOTHING : difference / frames;
}

/** The score where no word was heard. */
export const NOTHING = -100;

/** <sil>, [NOISE] and the like. */
function isFiller(word: string): boolean {
  return word.startsWith("<") || word.startsWith("[") || word.startsWith("+");
}

/** The part of the phones' log-likelihood that falls into these frames. */
function overlap(phones: readonly Segment[], first: number, last: number): number {
  let sum = 0;
  for (const phone of phones) {
    const shared = Math.min(last, phone.lastFrame) - Math.max(first, phone.firstFrame) + 1;
    if (shared > 0) sum += (phone.logLikelihood * shared) / (phone.lastFrame - phone.firstFrame + 1);
  }
  return sum;
}
