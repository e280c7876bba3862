import { UNIT_NAMES } from "./phrases.ts";
import { fold } from "./words.ts";

/** One sentence to the audio process holds 1,000 characters. */
const MAX_PIECE_CHARS = 900;
/** As long as a text may be. */
const MAX_TEXT_CHARS = 2_000;
const MAX_WORD_CHARS = 60;

/**
 * Somebody else's text as plain words to be read out, in pieces; at least one. Markup, control and direction characters
 * are gone, and so is the wake word, also where words or signs stand inside it: a text must not wake a unit, nor steer
 * the synthesiser. Letters, digits and plain punctuation stay.
 */
export function readOut(text: string): readonly string[] {
  const plain = text
    .slice(0, MAX_TEXT_CHARS)
    .normalize("NFKC")
    .slice(0, MAX_TEXT_CHARS)
    .replaceAll(/[\p{Cc}\p{Z}]+/gu, " ")
    .replaceAll(/\p{Cf}/gu, "")
    .replaceAll(/[^\p{L}\p{M}\p{Nd} .,!?;:'-]+/gu, " ")
    .replaceAll(/([.,!?;:'-])[.,!?;:'-]+/g, "$1")
    .replaceAll(/(\p{M}{3})\p{M}+/gu, "$1");
  const pieces: string[] = [];
  for (const word of withoutWakeWord(plain.split(" "))) {
    const last = pieces.at(-1);
    if (last === undefined || last.length + 1 + word.length > MAX_PIECE_CHARS) pieces.push(word);
    else pieces[pieces.length - 1] = `${last} ${word}`;
  }
  return pieces.some((piece) => /[\p{L}\p{Nd}]/u.test(piece)) ? pieces : ["nothing that can be read out."];
}

const LONGEST_NAME = Math.max(...UNIT_NAMES.map((name) => name.length));

/** Leaves out each word that would complete a wake word, with whatever letters were kept before it. */
function withoutWakeWord(words: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let before = "";
  for (const whole of words) {
    const word = whole.slice(0, MAX_WORD_CHARS);
    const letters = fold(word).replaceAll(/[^a-z]/g, "");
    if (word === "" || UNIT_NAMES.some((name) => (before + letters).includes(name))) continue;
    kept.push(word);
    before = (before + letters).slice(1 - LONGEST_NAME);
  }
  return kept;
}
