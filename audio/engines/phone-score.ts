import type { PhoneOdds } from "./phone-search.ts";

/**
 * The network hears "no phone" more often than is true, and a way that leaves words out then fits best. With more off
 * than this, orders in noise are heard worse (`models/README.md`).
 */
const SILENCE_NATS = 1;
/** A short word must not be sure of itself by luck. */
const LEAST_PHONES = 5;
/** Of 400 commands and 212 other utterances in noise, this share tells them apart best. */
const EVIDENCE_WEIGHT = 0.75;
/** Nats of evidence for each phone of words that were said. */
const USUAL_EVIDENCE = 1;

/** In place, once for each utterance. */
export function withoutBias(odds: PhoneOdds): PhoneOdds {
  const { logOdds, frames, width } = odds;
  for (let frame = 0; frame < frames; frame++) {
    logOdds[frame * width] = (logOdds[frame * width] ?? 0) - SILENCE_NATS;
  }
  return odds;
}

/** The phones that fit best where any may follow any, from a frame on: their odds, and how many they are. */
export function freely({ logOdds, frames, width }: PhoneOdds, from = 0): Readonly<{ logOdds: number; phones: number }> {
  let sum = 0;
  let phones = 0;
  let before = 0;
  for (let frame = from; frame < frames; frame++) {
    let best = 0;
    for (let phone = 1; phone < width; phone++) {
      if ((logOdds[frame * width + phone] ?? 0) > (logOdds[frame * width + best] ?? 0)) best = phone;
    }
    sum += logOdds[frame * width + best] ?? 0;
    if (best !== 0 && best !== before) phones += 1;
    before = best;
  }
  return { logOdds: sum, phones };
}

/** What Moonshine says for a sentence, and over how many phones: those of a wake word before it are not among them. */
export type Evidence = Readonly<{ nats: number; phones: number }>;

/**
 * How sure the recogniser may be of words: by how many nats a phone they fit worse than whatever phones fit best, and what
 * Moonshine's evidence says. About 0 where they were said; below -1 where something else was and the grammar took what
 * fitted best.
 */
export function scoreOf(
  wordsLogOdds: number,
  evidence: Evidence,
  free: Readonly<{ logOdds: number; phones: number }>,
): number {
  const fit = (wordsLogOdds - free.logOdds) / Math.max(LEAST_PHONES, free.phones);
  const told = evidence.nats / Math.max(LEAST_PHONES, evidence.phones);
  return Math.min(0, fit + EVIDENCE_WEIGHT * (told - USUAL_EVIDENCE));
}
