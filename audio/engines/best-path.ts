import { NOTHING, sureness } from "./confidence.ts";
import type { Decoder } from "./pocketsphinx.ts";
import { WAKE_TAIL, withoutWakeTail } from "./spoken-grammar.ts";

/** The words that two decoders found in one sound, without the wake word, and how sure they may be. */
export type BestPath = Readonly<{ text: string | null; score: number }>;

export function bestPath(grammar: Decoder, phoneLoop: Decoder): BestPath {
  const said = grammar.text();
  const text = said === null ? null : withoutWakeTail(said);
  if (text === null) return { text, score: NOTHING };
  const segments = grammar.segments();
  const words = segments.filter(({ word }) => !word.startsWith(WAKE_TAIL));
  const wokenUntil = segments.find(({ word }) => word.startsWith(WAKE_TAIL))?.lastFrame ?? -1;
  // The wake word is no speech that the command leaves over.
  const phones = phoneLoop.segments().filter(({ lastFrame }) => lastFrame > wokenUntil);
  return { text, score: sureness(words, phones) };
}
