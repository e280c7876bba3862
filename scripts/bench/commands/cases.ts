import type { Book } from "#device/gate/book.ts";
import { seededRandom } from "../../hear/random.ts";
import type { SpeakingVoice } from "../../hear/speak.ts";
import { makeSentences, type Sentence } from "./sentences.ts";
import { voiceAt } from "./spoken.ts";

/** A sentence, and who says it. */
export type Case = Readonly<{ sentence: Sentence; voice: SpeakingVoice }>;

/** The same each time. */
export function makeCases(book: Book): Case[] {
  return makeSentences(book, seededRandom(1)).map((sentence, at) => ({ sentence, voice: voiceAt(at) }));
}
