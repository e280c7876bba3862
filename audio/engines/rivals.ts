import type { Rival } from "../protocol-words.ts";
import { type Grammar, readGrammar } from "./jsgf.ts";
import type { Decoder } from "./pocketsphinx.ts";
import { afterWakeWord, withoutWakeTail } from "./spoken-grammar.ts";

/** Somebody was named: `before` and `behind` are the words around the name. */
export type Named = Readonly<{ before: string; name: string; behind: string }>;
type Tagged = Pick<Grammar, "tagged">;
type Listens = Pick<Decoder, "useOnce" | "hear" | "text" | "segments">;

/** The longest name of the grammar in what was heard; null where there is none. */
export function nameIn(text: string, { tagged }: Tagged): Named | null {
  const words = text.split(" ");
  for (let count = words.length; count > 0; count -= 1) {
    for (let at = 0; at + count <= words.length; at += 1) {
      const name = words.slice(at, at + count).join(" ");
      if (!tagged.has(name)) continue;
      return { before: words.slice(0, at).join(" "), name, behind: words.slice(at + count).join(" ") };
    }
  }
  return null;
}

/** Names of people other than those who are called `name`. */
export function othersThan(name: string, { tagged }: Tagged): string[] {
  const people = tagged.get(name) ?? new Set();
  return [...tagged].flatMap(([other, its]) => ([...its].some((id) => people.has(id)) ? [] : [other]));
}

/**
 * Who else may have been named: the sound is decoded once more as the same sentence with any of `others` in the name's
 * place, and compared with the sentence as it was heard, decoded alike. Null where nobody else fits at all. The decoder
 * listens under a passing grammar afterwards.
 */
export function findRival(decoder: Listens, sound: Int16Array, named: Named, others: readonly string[]): Rival | null {
  if (others.length === 0) return null;
  const its = decodeAs(decoder, sound, named, [named.name]);
  const theirs = decodeAs(decoder, sound, named, others);
  if (theirs === null) return null;
  const name = theirs.text.slice(named.before.length, theirs.text.length - named.behind.length).trim();
  if (its === null) return { name, margin: 0 };
  return { name, margin: its.logLikelihood - theirs.logLikelihood };
}

type Path = Readonly<{ text: string; logLikelihood: number }>;

function decodeAs(
  decoder: Listens,
  sound: Int16Array,
  { before, behind }: Named,
  names: readonly string[],
): Path | null {
  const sentence = `public <again> = ${before} ( ${names.join(" | ")} ) ${behind};`;
  if (!decoder.useOnce(afterWakeWord(readGrammar(`#JSGF V1.0;\ngrammar again;\n${sentence}\n`)))) return null;
  decoder.hear(sound);
  const said = decoder.text();
  const text = said === null ? null : withoutWakeTail(said);
  if (text === null) return null;
  return { text, logLikelihood: decoder.segments().reduce((sum, { logLikelihood }) => sum + logLikelihood, 0) };
}
