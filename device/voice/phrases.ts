import { BLOCK_PHRASES } from "./phrases-blocks.ts";
import { CALL_PHRASES } from "./phrases-calls.ts";
import { MESSAGE_PHRASES } from "./phrases-messages.ts";
import { PEOPLE_PHRASES } from "./phrases-people.ts";
import type { Row } from "./row.ts";
import type { SlotFields, SlotName } from "./slots.ts";

/**
 * What an owner can say: the one table from which the grammar, the parser, the spoken help and the tests are made.
 * To teach Porter a new way of saying something, add a line to `say`; for something new to say, add a row (and the
 * type checker then names every place that has to answer it).
 */
export const PHRASES = [
  ...CALL_PHRASES,
  ...MESSAGE_PHRASES,
  ...BLOCK_PHRASES,
  ...PEOPLE_PHRASES,
] as const satisfies readonly Row[];

type AnyRow = (typeof PHRASES)[number];
type SlotsIn<Line extends string> = Line extends `${string}<${infer Slot}>${infer Rest}` ? Slot | SlotsIn<Rest> : never;
type Fields<Slot extends string> = [Slot] extends [never]
  ? unknown
  : (Slot extends SlotName ? (fields: SlotFields[Slot]) => void : never) extends (fields: infer All) => void
    ? All
    : never;

/** What somebody wants of Porter. `name` is words out of the sound, not yet anybody: `resolve` says who is meant. */
export type Intent = {
  [R in AnyRow as R["intent"]]: Readonly<{ type: R["intent"] }> & Fields<SlotsIn<R["say"][0]>>;
}[AnyRow["intent"]];

/** May stand before a polite phrase. */
export const LEADS = [
  "please",
  "can you",
  "can you please",
  "could you",
  "could you please",
  "would you",
  "i want to",
  "i would like to",
  "i'd like to",
] as const;
/** May stand behind a polite phrase. */
export const TAIL = "please";
/** May stand before a name: "call my mum". */
export const ARTICLES = ["my", "the"] as const;
/** The recogniser may be fed the end of it. */
export const WAKE_WORD = "computer";
/** What a unit can be called (`WAKE_WORDS` in audio/wake-word.ts): part of what is heard where somebody does not pause. */
export const UNIT_NAMES: readonly string[] = [WAKE_WORD, "jarvis"];
/** Hesitation: means nothing wherever it stands. */
export const FILLERS: ReadonlySet<string> = new Set(["um", "uh", "er", "erm", "hmm"]);

/** A word, or a slot. */
export type Item = Readonly<{ word: string } | { slot: SlotName }>;
/** One way of saying something, word by word. */
export type Pattern = Readonly<{
  intent: Intent["type"];
  polite: boolean;
  only: Row["only"] | null;
  items: readonly Item[];
}>;

/** Every way of saying everything, in the order of the table. */
export const PATTERNS: readonly Pattern[] = PHRASES.flatMap((row: AnyRow) =>
  row.say.flatMap((line) =>
    linesOf(line).map(
      (words): Pattern => ({
        intent: row.intent,
        polite: row.polite,
        only: "only" in row ? row.only : null,
        items: words.map(itemOf),
      }),
    ),
  ),
);

function itemOf(word: string): Item {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a test holds that every slot of the table is one
  return word.startsWith("<") ? { slot: word.slice(1, -1) as SlotName } : { word };
}

/** A line with each of its optional parts there and not there. */
function linesOf(line: string): string[][] {
  const parts = line.split(/(\[[^\]]*\])/).filter((part) => part.trim() !== "");
  let lines: string[][] = [[]];
  for (const part of parts) {
    const words = part.replaceAll(/[[\]]/g, "").trim().split(/\s+/);
    const longer = lines.map((start) => [...start, ...words]);
    lines = part.startsWith("[") ? [...longer, ...lines] : longer;
  }
  return lines;
}
