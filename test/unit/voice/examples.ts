import type { Intent, Pattern } from "#device/voice/phrases.ts";
import { SLOTS } from "#device/voice/slots.ts";

const DIGITS = { words: "five five five zero one three four", digits: "5550134" };

/** One text of a pattern, with this name wherever a name goes; `at` chooses among the phrases of each other slot. */
export function exampleOf(pattern: Pattern, name = "mum", at = 0): string {
  return heardOf(pattern, name, at).replaceAll(" 's", "'s");
}

/** The same as the recogniser hears it, word by word. */
export function heardOf({ items }: Pattern, name = "mum", at = 0): string {
  return items.map((item) => ("word" in item ? item.word : fillOf(item.slot, name, at).words)).join(" ");
}

/** What it is to be understood as. */
export function meaningOf({ intent, items }: Pattern, name = "mum", at = 0): unknown {
  const fields = items.flatMap((item) =>
    "word" in item ? [] : [[FIELD[item.slot] ?? item.slot, fillOf(item.slot, name, at).value]],
  );
  return { type: intent satisfies Intent["type"], ...Object.fromEntries(fields) };
}

type Slot = Extract<Pattern["items"][number], { slot: unknown }>["slot"];
const FIELD: Readonly<Partial<Record<Slot, string>>> = { person: "name", number: "digits" };

function fillOf(slot: Slot, name: string, at: number): { words: string; value: unknown } {
  if (slot === "person" || slot === "other") return { words: name, value: name };
  if (slot === "number") return { words: DIGITS.words, value: DIGITS.digits };
  const phrases: [string, unknown][] = [...SLOTS[slot]];
  const [words, value] = phrases[at % phrases.length] ?? ["", null];
  return { words, value };
}
