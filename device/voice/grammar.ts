import type { Book } from "../gate/book.ts";
import { parseWords } from "./intent.ts";
import { ARTICLES, LEADS, PATTERNS, type Pattern, TAIL, UNIT_NAMES } from "./phrases.ts";
import { heardNames } from "./resolve.ts";

/** So many names fit: 1,000 people with four each. Those further down the book must be called from elsewhere. */
export const MAX_GRAMMAR_NAMES = 4_000;

/** Every word of the table: only a name made of these can be taken for a phrase. */
const VOCABULARY: ReadonlySet<string> = new Set(PATTERNS.flatMap((pattern) => [...pattern.before, ...pattern.behind]));
const NAMED = PATTERNS.filter((pattern) => pattern.takes === "person");
const PLAIN = PATTERNS.filter((pattern) => pattern.takes === null);

/**
 * All that can be understood, as one JSGF grammar for PocketSphinx: words of a to z (and apostrophes) only.
 * Names are data: whatever stands in the book becomes such words or is left out, so none can bend a rule.
 */
export function grammarFor(book: Book): string {
  const names = namesIn(book);
  const polite = [...alternatives(PLAIN.filter((pattern) => pattern.polite)), ...(names.length > 0 ? ["<named>"] : [])];
  const rules = [
    `public <utterance> = [ ${UNIT_NAMES.join(" | ")} ] ( [ <lead> ] <polite> [ ${TAIL} ] | <plain> );`,
    `<lead> = ${LEADS.join(" | ")};`,
    `<polite> = ${polite.join(" | ")};`,
    `<plain> = ${alternatives(PLAIN.filter((pattern) => !pattern.polite)).join(" | ")};`,
  ];
  if (names.length > 0) {
    rules.push(`<named> = ${factored(NAMED).join(" | ")};`);
    rules.push(`<person> = [ ${ARTICLES.join(" | ")} ] ( ${names.join(" | ")} );`);
  }
  return `#JSGF V1.0;\ngrammar porter;\n${rules.join("\n")}\n`;
}

/** Every name that can be said, sorted, each once; but none that would be understood as something else. */
export function namesIn(book: Book): readonly string[] {
  const names = new Set<string>();
  for (const person of book.people) {
    // What stands further down is not looked at: of 100,000 people that would take longer than all else.
    if (names.size === MAX_GRAMMAR_NAMES) break;
    for (const name of heardNames(person)) {
      if (names.size < MAX_GRAMMAR_NAMES && !isMistakable(name)) names.add(name);
    }
  }
  return [...names].toSorted();
}

/** Is there a phrase in which this name would be taken for a part of another? ("Back": "call back".) */
function isMistakable(name: string): boolean {
  const words = name.split(" ");
  if (!words.some((word) => VOCABULARY.has(word))) return false;
  return NAMED.some((pattern) => {
    const intent = parseWords([...pattern.before, ...words, ...pattern.behind]);
    return intent === null || intent.type !== pattern.intent || !("name" in intent) || intent.name !== name;
  });
}

function alternatives(patterns: readonly Pattern[]): string[] {
  return [...new Set(patterns.map((pattern) => pattern.before.join(" ")))];
}

/**
 * The recogniser copies `<person>` wherever it stands, and a thousand names are many: so phrases that end alike share
 * one copy, and so do phrases that begin alike. The language stays exactly that of the patterns.
 */
function factored(patterns: readonly Pattern[]): string[] {
  const beforesBy = new Map<string, Set<string>>();
  for (const pattern of patterns) {
    const behind = pattern.behind.join(" ");
    beforesBy.set(behind, (beforesBy.get(behind) ?? new Set()).add(pattern.before.join(" ")));
  }
  const behindsBy = new Map<string, string[]>();
  for (const [behind, befores] of beforesBy) {
    const before = [...befores].toSorted().join(" | ");
    behindsBy.set(before, [...(behindsBy.get(before) ?? []), behind]);
  }
  return [...behindsBy].map(([before, behinds]) => {
    const behind = behinds.filter((words) => words !== "").join(" | ");
    if (behind === "") return `( ${before} ) <person>`;
    return behinds.includes("") ? `( ${before} ) <person> [ ${behind} ]` : `( ${before} ) <person> ( ${behind} )`;
  });
}
