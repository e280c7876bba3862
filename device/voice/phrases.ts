import { MESSAGE_PHRASES } from "./phrases-messages.ts";

/**
 * What an owner can say: the one table from which the grammar, the parser, the spoken help and the tests are made.
 * To teach Porter a new way of saying something, add a line to `say`; for something new to say, add a row (and the
 * type checker then names every place that has to answer it).
 *
 * A line holds lower-case words; `[words]` may be left out; `<person>` stands for a name out of the book, at most one
 * a line and never its first word. Put words that the recogniser's dictionary has as the dictionary writes them
 * ("we're"). `polite`: "can you" may stand before it, "please" before or behind it.
 */
type Row = Readonly<{
  intent: string;
  takes: "person" | null;
  polite: boolean;
  help: string | null;
  say: readonly string[];
}>;

const CALL_PHRASES = [
  {
    intent: "call",
    takes: "person",
    polite: true,
    help: "call, and a name",
    say: [
      "call <person>",
      "ring <person>",
      "phone <person>",
      "give <person> a call",
      "give <person> a ring",
      "get <person> on the line",
      "get <person> on the phone",
    ],
  },
  {
    intent: "call-back",
    takes: null,
    polite: true,
    help: "call back",
    say: [
      "call back",
      "ring back",
      "call them back",
      "ring them back",
      "call that caller",
      "call whoever just rang",
      "call whoever just called",
      "call back whoever just rang",
    ],
  },
  {
    intent: "answer",
    takes: null,
    polite: true,
    help: "answer",
    say: [
      "answer",
      "answer it",
      "answer the call",
      "answer the phone",
      "pick up",
      "pick it up",
      "accept",
      "accept the call",
    ],
  },
  {
    intent: "ignore",
    takes: null,
    polite: true,
    help: "ignore it",
    say: [
      "ignore",
      "ignore it",
      "ignore that",
      "ignore the call",
      "decline",
      "decline it",
      "decline the call",
      "not now",
    ],
  },
  {
    intent: "hang-up",
    takes: null,
    polite: true,
    help: "hang up",
    say: [
      "hang up",
      "hang up the phone",
      "hang up the call",
      "end the call",
      "end call",
      "end this call",
      "we're done",
      "we are done",
    ],
  },
  {
    intent: "block",
    takes: "person",
    polite: true,
    help: "block, and a name",
    say: [
      "block <person>",
      "block calls from <person>",
      "never let <person> ring [here] [again]",
      "never let <person> call [here] [again]",
      "don't let <person> ring [here] [again]",
      "don't let <person> call [here] [again]",
      "stop <person> calling [here]",
      "stop <person> calling me",
      "stop <person> ringing [here]",
      "stop <person> ringing me",
      "stop <person> from calling [here]",
      "stop <person> from calling me",
      "stop <person> from ringing [here]",
      "stop <person> from ringing me",
    ],
  },
  {
    intent: "block-caller",
    takes: null,
    polite: true,
    help: "block that caller",
    say: [
      "block that caller",
      "block this caller",
      "block the caller",
      "block the last caller",
      "block that number",
      "block this number",
      "block the last number",
    ],
  },
  {
    intent: "who-called",
    takes: null,
    polite: false,
    help: "who called",
    say: [
      "who called",
      "who rang",
      "who has called",
      "who called [me] today",
      "who rang [me] today",
      "did anyone call",
      "did anyone ring",
    ],
  },
  {
    intent: "who-is-it",
    takes: null,
    polite: false,
    help: "who is it",
    say: [
      "who is it",
      "who's it",
      "who is that",
      "who's that",
      "who is calling",
      "who's calling",
      "who is ringing",
      "who's ringing",
    ],
  },
  {
    intent: "calling-off",
    takes: null,
    polite: true,
    help: "turn calling off",
    say: [
      "turn calling off",
      "turn off calling",
      "turn calls off",
      "turn off calls",
      "switch calling off",
      "switch off calling",
      "switch calls off [completely]",
      "switch off calls [completely]",
    ],
  },
  {
    intent: "calling-on",
    takes: null,
    polite: true,
    help: "with the button held: turn calling on",
    say: [
      "turn calling [back] on",
      "turn on calling",
      "turn calls [back] on",
      "turn on calls",
      "switch calling [back] on",
      "switch on calling",
      "switch calls [back] on",
      "switch on calls",
    ],
  },
  {
    intent: "unblock",
    takes: "person",
    polite: true,
    help: "with the button held: unblock, and a name",
    say: ["unblock <person>", "let <person> ring [here] again", "let <person> call [here] again"],
  },
  {
    intent: "yes",
    takes: null,
    polite: true,
    help: null,
    say: ["yes", "yes do", "yeah", "yep", "that's right", "correct"],
  },
  {
    intent: "no",
    takes: null,
    polite: true,
    help: null,
    say: ["no", "nope", "no thanks", "no thank you", "not that one"],
  },
  {
    intent: "cancel",
    takes: null,
    polite: true,
    help: "cancel",
    say: ["cancel", "cancel that", "never mind", "don't call", "forget it"],
  },
  {
    intent: "help",
    takes: null,
    polite: false,
    help: null,
    say: ["what can i say", "what can i ask", "what can you do"],
  },
] as const satisfies readonly Row[];

export const PHRASES = [...CALL_PHRASES, ...MESSAGE_PHRASES] as const satisfies readonly Row[];

type AnyRow = (typeof PHRASES)[number];
/** Intents that carry the words of a name. */
export type NamedIntent = Extract<AnyRow, { takes: "person" }>["intent"];
export type PlainIntent = Extract<AnyRow, { takes: null }>["intent"];

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

/** One way of saying something, word by word: `before` a name and `behind` it, or all of it in `before`. */
export type Pattern = Readonly<{ before: readonly string[]; behind: readonly string[]; polite: boolean }> &
  (Readonly<{ intent: NamedIntent; takes: "person" }> | Readonly<{ intent: PlainIntent; takes: null }>);

/** Every way of saying everything, in the order of the table. */
export const PATTERNS: readonly Pattern[] = PHRASES.flatMap((row) =>
  row.say.flatMap((line) =>
    linesOf(line).map((words): Pattern => {
      const at = words.indexOf("<person>");
      if (row.takes === null) return { intent: row.intent, takes: null, polite: row.polite, before: words, behind: [] };
      const [before, behind] = [words.slice(0, at), words.slice(at + 1)];
      return { intent: row.intent, takes: "person", polite: row.polite, before, behind };
    }),
  ),
);

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
