import type { AccountId } from "../gate/book.ts";
import type { JournalEntry } from "./journal-line.ts";

/** Calls that did not ring, and why: `count` of them from `atMs` to `lastMs`. */
export type DidNotRing = Readonly<{
  atMs: number;
  lastMs: number;
  count: number;
  /** Absent where several accounts were counted together. */
  account?: AccountId;
  /** A clause of plain words that follows "because". */
  because: string;
  /** What became of the call, as a clause; empty where nothing did. */
  became: string;
}>;

/** The kind of the envelope that asks for a call. */
const OFFER = "call.offer";

const REASONS: Readonly<Record<string, string>> = {
  fault: "the book could not be read",
  "calling-off": "calling was off",
  unverified: "it did not come from whom it said",
  misaddressed: "it was meant for another account",
  replayed: "it had come before",
  blocked: "the caller is blocked",
  withheld: "the caller hid their number",
  "blocked-member": "somebody in the group is blocked",
  unknown: "the caller is not in the book",
  "not-granted": "the caller is in the book, but may not ring",
  kids: "kids mode lets nobody ring who was not allowed to by name",
  "own-hours": "it was outside the hours in which the caller may ring",
  "quiet-hours": "it was in the quiet hours",
  clock: "the unit did not know what time it was",
  stale: "it came too late",
  house: "somebody else in this house does not want it",
};

/** "Why didn't it ring?", from the journal's lines, in their order. Pure. */
export function whyItDidNotRing(entries: readonly JournalEntry[]): DidNotRing[] {
  return entries.flatMap((entry) => {
    if (entry.what !== "verdict" || entry.detail !== OFFER || entry.act === undefined) return [];
    const told = tell(entry.act, entry.because ?? "", entry.outcome);
    if (!told) return [];
    const { atMs, lastMs, count, account } = entry;
    return [{ atMs, lastMs, count, ...(account !== undefined && { account }), ...told }];
  });
}

function tell(
  act: string,
  because: string,
  outcome: JournalEntry["outcome"],
): Pick<DidNotRing, "because" | "became"> | null {
  // The owner of a newer version's journal reads its codes as they are.
  const reason = Object.hasOwn(REASONS, because) ? (REASONS[because] ?? because) : because;
  switch (act) {
    case "admit":
      return outcome === "busy" ? { because: "there was another call", became: MISSED } : null;
    case "take-message":
      return { because: reason, became: MISSED };
    case "hold":
      return { because: reason, became: "it waits in Requests" };
    default:
      return { because: reason, became: "" };
  }
}

const MISSED = "it is among the missed calls";
