import type { Rival } from "../protocol-words.ts";
import { editDistance } from "./edit-distance.ts";
import { type Grammar, readGrammar } from "./jsgf.ts";
import type { Decoder } from "./pocketsphinx.ts";
import type { Pronunciations } from "./pronunciation.ts";
import { afterWakeWord, withoutWakeTail } from "./spoken-grammar.ts";

/** Somebody was named: `before` and `behind` are the words around the name. */
export type Named = Readonly<{ before: string; name: string; behind: string }>;
type Ways = ReadonlyMap<string, Pronunciations>;
/** So many names are listened for in the second place: all of a book of 200 people, in some 0.1 s of CPU. */
const MOST_OTHERS = 400;

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

/** Names of people other than those who are called `name`; of many those that sound nearest to it. */
export function othersThan(name: string, { tagged }: Tagged, waysOf: Ways): string[] {
  const people = tagged.get(name) ?? new Set();
  const others = [...tagged].flatMap(([other, its]) => ([...its].some((id) => people.has(id)) ? [] : [other]));
  if (others.length <= MOST_OTHERS) return others;
  const phones = phonesOf(name, waysOf);
  const distances = new Map(others.map((other) => [other, editDistance(phonesOf(other, waysOf), phones)]));
  return others.toSorted((a, b) => (distances.get(a) ?? 0) - (distances.get(b) ?? 0)).slice(0, MOST_OTHERS);
}

function phonesOf(name: string, waysOf: Ways): string[] {
  return name.split(" ").flatMap((word) => waysOf.get(word)?.[0]?.split(" ") ?? []);
}

/**
 * Who else may have been named: the sound is decoded once more as the same sentence with any of `others` in the name's
 * place, and compared with the sentence as it was heard, decoded alike. Null where there is nobody else; `unconfirmed`
 * where no such sentence fits: then it is too short for one. The decoder listens under a passing grammar afterwards.
 */
export function findRival(
  decoder: Listens,
  sound: Int16Array,
  named: Named,
  others: readonly string[],
): Rival | "unconfirmed" | null {
  if (others.length === 0) return null;
  const its = decodeAs(decoder, sound, named, [named.name]);
  const theirs = decodeAs(decoder, sound, named, others);
  if (theirs === null) return "unconfirmed";
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
