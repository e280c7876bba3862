import type { Book } from "../gate/book.ts";
import { NUMBER_RULE } from "./dictation.ts";
import { parseWords } from "./intent.ts";
import { ARTICLES, type Intent, type Item, LEADS, PATTERNS, type Pattern, TAIL, UNIT_NAMES } from "./phrases.ts";
import { heardNames } from "./resolve.ts";
import { type ClosedSlot, ruleOf, SLOTS } from "./slots.ts";
import type { Answers } from "./states.ts";
import { nameWords } from "./words.ts";

/**
 * The bound: so many names are listened for, where a phrase ends with the name; 1,000 people have four each. Whoever
 * stands further down must be called from elsewhere. Those who may do something here come first.
 */
export const MAX_GRAMMAR_NAMES = 4_000;
/** And so many where more words follow ("stop Dave calling"): the recogniser holds these names once for each such way. */
export const MAX_INNER_NAMES = 400;

/** What is listened for all the time. */
const ALWAYS = PATTERNS.filter(({ only }) => only === null);
const NAMED = ALWAYS.filter(({ items }) => items.some(isName));
const PLAIN = ALWAYS.filter(({ items }) => !items.some(isName));
/** Every word of the table: only a name made of these can be taken for a phrase. */
const VOCABULARY: ReadonlySet<string> = new Set([
  ...PATTERNS.flatMap(({ items }) => items.flatMap((item) => ("word" in item ? [item.word] : []))),
  ...Object.values(SLOTS).flatMap((phrases) => [...phrases.keys()].flatMap((words) => words.split(" "))),
]);

/**
 * All that can be understood, as one JSGF grammar: words of a to z (and apostrophes) only.
 * Names are data: whatever stands in the book becomes such words or is left out, so none can bend a rule.
 */
export function grammarFor(book: Book): string {
  const names = namesIn(book);
  const inner = names.slice(0, MAX_INNER_NAMES);
  const polite = [...textsOf(PLAIN.filter((pattern) => pattern.polite)), ...(names.length > 0 ? ["<named>"] : [])];
  const plain = [...textsOf(PLAIN.filter((pattern) => !pattern.polite)), ...(names.length > 0 ? ["<unpolite>"] : [])];
  const rules = [
    `public <utterance> = [ ${UNIT_NAMES.join(" | ")} ] ( [ <lead> ] <polite> [ ${TAIL} ] | <plain> );`,
    `<lead> = ${LEADS.join(" | ")};`,
    `<polite> = ${polite.join(" | ")};`,
    `<plain> = ${plain.join(" | ")};`,
    ...(Object.keys(SLOTS) as ClosedSlot[])
      .filter((slot) => ALWAYS.some(({ items }) => items.some((item) => "slot" in item && item.slot === slot)))
      .map((slot) => `<${slot}> = ${ruleOf(slot)};`),
  ];
  if (names.length > 0) {
    rules.push(`<named> = ${factored(NAMED.filter((pattern) => pattern.polite)).join(" | ")};`);
    rules.push(`<unpolite> = ${factored(NAMED.filter((pattern) => !pattern.polite)).join(" | ")};`);
    const articles = `[ ${ARTICLES.join(" | ")} ]`;
    rules.push(`<person> = ${articles} ( ${names.toSorted().join(" | ")} );`);
    rules.push(`<other> = ${articles} ( ${inner.toSorted().join(" | ")} );`);
  }
  return asJsgf(rules);
}

/**
 * What is listened for in answer to a question, and nothing else: digits, or one of a few names. Always so that it can
 * be cancelled; a no, or another word for it, goes on to the next.
 */
export function listenOnlyFor(answers: Answers): Readonly<{ jsgf: string; waitMs: number | null }> {
  return { jsgf: answerGrammar(answers), waitMs: answers.type === "number" ? DICTATION_WAIT_MS : null };
}

/** Whoever dictates looks at the number now and then. */
const DICTATION_WAIT_MS = 1_500;

function answerGrammar(answers: Answers): string {
  const leave = textsOf(PATTERNS.filter(({ intent }) => intent === "cancel" || intent === "no"));
  if (answers.type === "number")
    return asJsgf([`public <utterance> = <number> | ${leave.join(" | ")};`, `<number> = ${NUMBER_RULE};`]);
  const names = answers.names.map((name) => nameWords(name).join(" ")).filter((name) => name !== "");
  const others = textsOf(PATTERNS.filter(({ intent }) => CHOOSING.has(intent)));
  const choices = [...new Set([...names, ...others, ...leave])];
  return asJsgf([`public <utterance> = ${choices.join(" | ")};`, `<ordinal> = ${ruleOf("ordinal")};`]);
}

const CHOOSING: ReadonlySet<Intent["type"]> = new Set(["yes", "pick", "not-that-one"]);

/** Every name that can be said, each once; but none that would be understood as something else. */
export function namesIn(book: Book): readonly string[] {
  const names = new Set<string>();
  const welcome = book.people.filter(({ grants }) => grants.length > 0);
  const known = book.people.filter(({ grants }) => grants.length === 0);
  for (const person of [...welcome, ...known]) {
    // What stands further down is not looked at: of 100,000 people that would take longer than all else.
    if (names.size === MAX_GRAMMAR_NAMES) break;
    for (const name of heardNames(person)) {
      if (names.size < MAX_GRAMMAR_NAMES && !isMistakable(name)) names.add(name);
    }
  }
  return [...names];
}

/** Is there a phrase in which this name would be taken for a part of another? ("Back": "call back".) */
function isMistakable(name: string): boolean {
  const words = name.split(" ");
  if (!words.some((word) => VOCABULARY.has(word))) return false;
  return NAMED.some((pattern) => {
    const intent = parseWords(pattern.items.flatMap((item) => example(item, words)));
    return intent === null || intent.type !== pattern.intent || !("name" in intent) || intent.name !== name;
  });
}

function example(item: Item, name: readonly string[]): readonly string[] {
  if ("word" in item) return [item.word];
  if (item.slot === "person") return name;
  if (item.slot === "other" || item.slot === "number") return ["ana"];
  const [first = ""] = SLOTS[item.slot].keys();
  return first.split(" ");
}

function isName(item: Item): boolean {
  return "slot" in item && (item.slot === "person" || item.slot === "other");
}

function textOf(items: readonly Item[]): string {
  return items.map((item) => ("word" in item ? item.word : isName(item) ? "<other>" : `<${item.slot}>`)).join(" ");
}

function textsOf(patterns: readonly Pattern[]): string[] {
  return [...new Set(patterns.map(({ items }) => textOf(items)))];
}

function asJsgf(rules: readonly string[]): string {
  return `#JSGF V1.0;\ngrammar porter;\n${rules.join("\n")}\n`;
}

/**
 * The recogniser copies `<person>` wherever it stands, and a thousand names are many: so all that ends with a name
 * shares one copy, and other beginnings one of `<other>` where the same may follow. The language stays exactly that of
 * the patterns, as far as the names go.
 */
function factored(patterns: readonly Pattern[]): string[] {
  const behindsBy = new Map<string, Set<string>>();
  const last = new Set<string>();
  for (const { items } of patterns) {
    const at = items.findIndex(isName);
    const [before, behind] = [textOf(items.slice(0, at)), textOf(items.slice(at + 1))];
    if (behind === "") last.add(before);
    else behindsBy.set(before, (behindsBy.get(before) ?? new Set()).add(behind));
  }
  const beforesBy = Map.groupBy(behindsBy.keys(), (before) =>
    [...(behindsBy.get(before) ?? [])].toSorted().join(" | "),
  );
  const inner = [...beforesBy].map(([behinds, befores]) => `( ${befores.join(" | ")} ) <other> ( ${behinds} )`);
  return last.size === 0 ? inner : [`( ${[...last].join(" | ")} ) <person>`, ...inner];
}
