import {
  FILLERS,
  LEADS,
  type NamedIntent,
  PATTERNS,
  type Pattern,
  type PlainIntent,
  TAIL,
  UNIT_NAMES,
} from "./phrases.ts";
import { nameWords, wordsOf } from "./words.ts";

/** What somebody wants of Porter. `name` is words out of the sound, not yet anybody: `resolve` says who is meant. */
export type Intent =
  | { [Type in NamedIntent]: Readonly<{ type: Type; name: string }> }[NamedIntent]
  | Readonly<{ type: PlainIntent }>;

/** More words than any phrase with politeness and a name has. */
const MAX_WORDS = 40;
/** The most literal first: a whole phrase is never taken for a name ("call back" calls nobody named Back). */
const LITERAL_FIRST = PATTERNS.toSorted((a, b) => literals(b) - literals(a));
/** By their first word, which is never a name. */
const BY_FIRST_WORD = Map.groupBy(LITERAL_FIRST, (pattern) => pattern.before[0]);
const LEAD_WORDS = LEADS.map((lead) => lead.split(" ")).toSorted((a, b) => b.length - a.length);

/** Recognised words to an intent; null where they are none. Total: any text is expected input. */
export function parse(text: string): Intent | null {
  return parseWords(wordsOf(text));
}

/** The same of words as `wordsOf` gives them. */
export function parseWords(heard: readonly string[]): Intent | null {
  const words = heard.filter((word) => !FILLERS.has(word));
  while (UNIT_NAMES.includes(words[0] ?? "")) words.shift();
  if (words.length === 0 || words.length > MAX_WORDS) return null;
  const bare = withoutPoliteness(words);
  const polite = bare.length < words.length;
  return match(bare, polite) ?? (polite ? match(words, false) : null);
}

function match(words: readonly string[], polite: boolean): Intent | null {
  for (const pattern of BY_FIRST_WORD.get(words[0]) ?? []) {
    if (polite && !pattern.polite) continue;
    if (pattern.takes === null) {
      if (words.length === pattern.before.length && startsWith(words, pattern.before)) return { type: pattern.intent };
      continue;
    }
    const slot = words.slice(pattern.before.length, words.length - pattern.behind.length);
    if (words.length <= literals(pattern) || !startsWith(words, pattern.before)) continue;
    if (!startsWith(words.slice(words.length - pattern.behind.length), pattern.behind)) continue;
    const name = nameWords(slot.join(" ")).join(" ");
    if (name !== "") return { type: pattern.intent, name };
  }
  return null;
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

function literals(pattern: Pattern): number {
  return pattern.before.length + pattern.behind.length;
}
