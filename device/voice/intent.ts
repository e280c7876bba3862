import { digitsIn } from "./dictation.ts";
import { FILLERS, type Intent, type Item, LEADS, PATTERNS, type Pattern, TAIL, UNIT_NAMES } from "./phrases.ts";
import { type ClosedSlot, SLOTS } from "./slots.ts";
import { nameWords, wordsOf } from "./words.ts";

export type { Intent };

/** More words than any phrase with politeness and a name has. */
const MAX_WORDS = 40;
/** The most literal first: a whole phrase is never taken for a name ("call back" calls nobody named Back). */
const LITERAL_FIRST = PATTERNS.toSorted((a, b) => literalness(b) - literalness(a));
/** By their first word, which is never a name. */
const BY_FIRST_WORD = Map.groupBy(LITERAL_FIRST, ({ items: [first] }) => (first && "word" in first ? first.word : ""));
const LEAD_WORDS = LEADS.map((lead) => lead.split(" ")).toSorted((a, b) => b.length - a.length);
/** Words that stand in the table with their `'s`: no name is taken out of them. */
const WHOLE: ReadonlySet<string> = new Set(
  PATTERNS.flatMap(({ items }) => items.flatMap((item) => ("word" in item && item.word !== "'s" ? [item.word] : []))),
);
/** The phrases of each slot word by word, the longest first. */
const PHRASES_OF = new Map(
  Object.entries(SLOTS).map(([slot, phrases]): [string, (readonly [readonly string[], unknown])[]] => [
    slot,
    [...phrases]
      .map(([words, value]): [readonly string[], unknown] => [words.split(" "), value])
      .toSorted(([a], [b]) => b.length - a.length),
  ]),
);

/** Recognised words to an intent; null where they are none. Total: any text is expected input. */
export function parse(text: string): Intent | null {
  return parseWords(wordsOf(text));
}

/** The same of words as `wordsOf` gives them. */
export function parseWords(heard: readonly string[]): Intent | null {
  // Somebody may be called Er.
  return parseSaid(heard.filter((word) => !FILLERS.has(word))) ?? parseSaid(heard);
}

function parseSaid(said: readonly string[]): Intent | null {
  const words = said.flatMap(withoutPossessive);
  while (UNIT_NAMES.includes(words[0] ?? "")) words.shift();
  if (words.length === 0 || words.length > MAX_WORDS) return null;
  const bare = withoutPoliteness(words);
  const polite = bare.length < words.length;
  return match(bare, polite) ?? (polite ? match(words, false) : null);
}

function match(words: readonly string[], polite: boolean): Intent | null {
  for (const pattern of BY_FIRST_WORD.get(words[0] ?? "") ?? []) {
    if (polite && !pattern.polite) continue;
    const fields = readItems(pattern.items, words);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a pattern's slots are those of its intent
    if (fields !== null) return { type: pattern.intent, ...fields } as Intent;
  }
  return null;
}

type Fields = Readonly<Record<string, unknown>>;

/** What the slots hold if these words are just these items; a name is as short as it can be. */
function readItems(items: readonly Item[], words: readonly string[]): Fields | null {
  const [item, ...rest] = items;
  if (item === undefined) return words.length === 0 ? {} : null;
  if (words.length < items.length) return null;
  if ("word" in item) return words[0] === item.word ? readItems(rest, words.slice(1)) : null;
  switch (item.slot) {
    case "person":
    case "other":
      return readName(item.slot === "person" ? "name" : "other", rest, words);
    case "number": {
      const digits = rest.length === 0 ? digitsIn(words) : null;
      return digits === null ? null : { digits };
    }
    default:
      return readPhrase(item.slot, rest, words);
  }
}

function readName(field: string, rest: readonly Item[], words: readonly string[]): Fields | null {
  for (let count = rest.length === 0 ? words.length : 1; count <= words.length - rest.length; count += 1) {
    const fields = readItems(rest, words.slice(count));
    const name = fields === null ? "" : nameWords(words.slice(0, count).join(" ").replaceAll(" 's", "'s")).join(" ");
    if (name !== "") return { [field]: name, ...fields };
  }
  return null;
}

function readPhrase(slot: ClosedSlot, rest: readonly Item[], words: readonly string[]): Fields | null {
  for (const [phrase, value] of PHRASES_OF.get(slot) ?? []) {
    const fields = startsWith(words, phrase) ? readItems(rest, words.slice(phrase.length)) : null;
    if (fields !== null) return { [slot]: value, ...fields };
  }
  return null;
}

function withoutPossessive(word: string): string[] {
  return word.endsWith("'s") && !WHOLE.has(word) ? [word.slice(0, -2), "'s"] : [word];
}

function withoutPoliteness(words: readonly string[]): readonly string[] {
  let rest = words;
  for (let lead = leadOf(rest); lead > 0; lead = leadOf(rest)) rest = rest.slice(lead);
  while (rest.length > 1 && rest.at(-1) === TAIL) rest = rest.slice(0, -1);
  return rest;
}

function leadOf(words: readonly string[]): number {
  return LEAD_WORDS.find((lead) => lead.length < words.length && startsWith(words, lead))?.length ?? 0;
}

function startsWith(words: readonly string[], start: readonly string[]): boolean {
  return start.every((word, at) => words[at] === word);
}

/** A word counts more than a slot of few phrases, and that more than a name. */
function literalness({ items }: Pattern): number {
  return items.reduce((sum, item) => sum + weightOf(item), 0);
}

function weightOf(item: Item): number {
  if ("word" in item) return 2;
  return item.slot === "person" || item.slot === "other" ? 0 : 1;
}
