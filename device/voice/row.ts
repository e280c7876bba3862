/** What help is asked about: "what can I say about calls". */
export const TOPICS = ["calls", "messages", "blocking", "quiet", "people", "safety", "settings"] as const;
export type Topic = (typeof TOPICS)[number];

/**
 * One thing that can be said. Each line of `say` is a way of saying it: lower-case words, `[words]` that may be left
 * out, and slots: `<person>` (and `<other>`) for a name out of the book, the rest as slots.ts lists them. All lines of
 * a row have the same slots, none begins with one. Words stand as the recogniser's dictionary writes them ("we're");
 * `'s` after a name is a word of its own. `polite`: "can you" may stand before it, "please" before or behind it.
 * `help`: how the unit tells of it; null where that goes without saying. `only`: what the recogniser listens for in
 * answer to such a question, and at no other time; the parser always knows it.
 */
export type Row = Readonly<{
  intent: string;
  topic: Topic;
  polite: boolean;
  help: string | null;
  only?: "choosing" | "dictating";
  say: readonly [string, ...string[]];
}>;
