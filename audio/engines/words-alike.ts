import type { Alike } from "../protocol-words.ts";
import type { Pronunciations } from "./pronunciation.ts";

/** Consonants that differ by voice or place alone, and vowels that lie side by side (CMU phones; Ladefoged, ch. 4). */
const CLOSE_PHONES: readonly ReadonlySet<string>[] = [
  "B P",
  "D T",
  "G K",
  "V F",
  "Z S",
  "ZH SH",
  "JH CH",
  "DH TH",
  "M N NG",
  "IY IH EY EH",
  "EH AE",
  "AA AO AH",
  "AO OW",
  "UH UW",
  "AH ER",
].map((phones) => new Set(phones.split(" ")));
const VOWELS = new Set("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split(" "));
/** As many as cross to the brain. */
const MAX_LIKE = 32;

/** Tells which words of a grammar the ear cannot tell apart, or only just. */
export class WordsAlike {
  readonly #waysOf: ReadonlyMap<string, Pronunciations>;
  readonly #wordsOf = new Map<string, string[]>();
  readonly #splitOf: readonly (readonly [string, readonly (readonly string[])[]])[];

  constructor(waysOf: ReadonlyMap<string, Pronunciations>) {
    this.#waysOf = waysOf;
    for (const [word, ways] of waysOf) {
      for (const way of ways) this.#wordsOf.set(way, [...(this.#wordsOf.get(way) ?? []), word]);
    }
    this.#splitOf = [...waysOf].map(([word, ways]) => [word, ways.map((way) => way.split(" "))]);
  }

  /** For each word of a text that is like others. */
  of(text: string): Alike[] {
    return [...new Set(text.split(" "))].flatMap((word): Alike[] => {
      const ways = this.#waysOf.get(word) ?? [];
      const same = new Set(ways.flatMap((way) => this.#wordsOf.get(way) ?? []));
      same.delete(word);
      const split = ways.map((way) => way.split(" "));
      const close = this.#splitOf.flatMap(([other, its]) =>
        other !== word && !same.has(other) && split.some((way) => its.some((one) => isClose(way, one))) ? [other] : [],
      );
      if (same.size + close.length === 0) return [];
      return [{ word, same: [...same].slice(0, MAX_LIKE), close: close.slice(0, MAX_LIKE) }];
    });
  }
}

/** One phone differs, and by little; or one word goes on by a vowel ("Ann", "Anna"). */
function isClose(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return goesOn(one, other) || goesOn(other, one);
  let differences = 0;
  for (const [at, phone] of one.entries()) {
    const its = other[at] ?? "";
    if (phone === its) continue;
    differences += 1;
    if (differences > 1 || !CLOSE_PHONES.some((phones) => phones.has(phone) && phones.has(its))) return false;
  }
  return differences === 1;
}

function goesOn(short: readonly string[], long: readonly string[]): boolean {
  if (long.length !== short.length + 1 || !VOWELS.has(long.at(-1) ?? "")) return false;
  return short.every((phone, at) => phone === long[at]);
}
