import type { Book, Person } from "#device/gate/book.ts";
import { type Item, LEADS, PATTERNS, type Pattern, TAIL } from "#device/voice/phrases.ts";
import { SLOTS } from "#device/voice/slots.ts";
import { pick, type Random } from "../../train-wake/clip.ts";

/** One thing an owner says, and whom they mean by it; null: nobody. */
export type Sentence = Readonly<{ text: string; intent: Pattern["intent"]; person: Person | null }>;

const POLITE_SHARE = 0.25;
/** Those of questions are listened for in a grammar of their own. */
const SAYABLE = PATTERNS.filter(({ only }) => only === null);
/** Of two people, whose machinery does not exist yet. */
const NAMED = SAYABLE.filter(({ items }) => items.some(isPerson) && !items.some(isOther));
const CALLING = NAMED.filter(({ intent }) => intent === "call");
const PLAIN = SAYABLE.filter(({ items }) => !items.some(isPerson));

/** Every phrase of the inventory once, everybody of the book called once and named once more in another phrase. */
export function makeSentences(book: Book, random: Random): Sentence[] {
  const plain = PLAIN.map((pattern) => say(pattern, null, random));
  const named = [CALLING, NAMED].flatMap((patterns) =>
    book.people.map((person, at) => {
      const pattern = patterns[at % patterns.length];
      if (pattern === undefined) throw new Error("there is nothing to say");
      return say(pattern, person, random);
    }),
  );
  return [...new Map([...plain, ...named].map((each) => [each.text, each])).values()];
}

function say({ items, polite, intent }: Pattern, person: Person | null, random: Random): Sentence {
  const words = items.map((item) => wordsFor(item, person, random));
  const manners = polite ? random() : 1;
  if (manners < POLITE_SHARE / 2) words.unshift(pick(random, [...LEADS]));
  else if (manners < POLITE_SHARE) words.push(TAIL);
  return { text: words.join(" ").replaceAll(" 's", "'s"), intent, person };
}

function wordsFor(item: Item, person: Person | null, random: Random): string {
  if ("word" in item) return item.word;
  if (item.slot === "person" || item.slot === "other") {
    const name = person?.name ?? "";
    return random() < 0.5 ? name : (name.split(" ")[0] ?? "");
  }
  return item.slot === "number" ? "" : pick(random, [...SLOTS[item.slot].keys()]);
}

function isPerson(item: Item): boolean {
  return "slot" in item && item.slot === "person";
}

function isOther(item: Item): boolean {
  return "slot" in item && item.slot === "other";
}
