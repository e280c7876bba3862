import * as v from "valibot";
import type { AccountId } from "../gate/book.ts";

/** One line of the owner's private journal: what the gate did, what was changed, who called. */
export type JournalLine = Readonly<{
  atMs: number;
  /** `gap`: so many lines (`count`) were lost while the disk refused them. */
  what: "verdict" | "change" | "call" | "message" | "start" | "gap";
  account?: AccountId | undefined;
  /** Whom in the book a change was about, by id. */
  person?: string | undefined;
  act?: string | undefined;
  because?: string | undefined;
  by?: "voice" | "button" | "cli" | "gate" | undefined;
  /** Of a verdict: the kind of the envelope. Of a change: what was changed. Of a message: what the owner did with it. */
  detail?: string | undefined;
  /** Of a call that was let in: `busy` where there was another call. */
  outcome?: "rang" | "busy" | undefined;
  /** It counts what several accounts did. */
  several?: true | undefined;
}>;

/** What a line holds once it stands for `count` happenings, the last of them at `lastMs`. */
export type CountedLine = JournalLine & Readonly<{ count: number; lastMs: number }>;

/**
 * A line as listed. `chain`: `closed` lines can no longer be altered unseen; `open` ones still count what happens in
 * their minute; those from `before` were written by a version that had no chain.
 */
export type JournalEntry = CountedLine & Readonly<{ id: number; chain: "closed" | "open" | "before" }>;

const MAX_TEXT = 500;
const Text = v.optional(v.string());
const Time = v.pipe(v.number(), v.safeInteger());

const Details = v.strictObject({
  atMs: Time,
  lastMs: Time,
  count: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  what: v.picklist(["verdict", "change", "call", "message", "start", "gap"]),
  account: Text,
  person: Text,
  act: Text,
  because: Text,
  by: v.optional(v.picklist(["voice", "button", "cli", "gate"])),
  detail: Text,
  outcome: v.optional(v.picklist(["rang", "busy"])),
  several: v.optional(v.literal(true)),
});

/** The one writing of a line, as JSON: what its commitment is made over. */
export function writeDetails(line: CountedLine): string {
  const { atMs, lastMs, count, what, account, person, act, because, by, detail, outcome, several } = line;
  const times = { atMs: Math.trunc(atMs), lastMs: Math.trunc(lastMs), count };
  const text = detail?.slice(0, MAX_TEXT);
  return JSON.stringify({ ...times, what, account, person, act, because, by, detail: text, outcome, several });
}

/** Null for a text that `writeDetails` did not write. Never throws. */
export function readDetails(text: string): CountedLine | null {
  try {
    const parsed = v.safeParse(Details, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
