import type { AccountId, Book } from "./gate/book.ts";
import { type DropReason, decide, type Now, type Request, type Verdict } from "./gate/decide.ts";
import type { InboxEntry } from "./store/inbox.ts";
import type { Parcel } from "./wire/parcel.ts";

type Arrived = Readonly<{ parcel: Parcel; replayed: boolean; fresh: boolean }>;

/** What came, as the gate is asked about it. */
export function requestOfParcel({ parcel, replayed, fresh }: Arrived): Request {
  const { id, from, to, signature } = parcel.envelope;
  const asked = { envelope: id, kind: "message" as const, from, to, signature, replayed, fresh };
  return parcel.origin ? { ...asked, origin: parcel.origin.account ?? "unverified" } : asked;
}

/**
 * What the gate says of a message that lies here, by the book as it is now: asked each time before it is listed, counted
 * or played. When it was signed does not matter any more: it came in time.
 */
export function judgeEntry(entry: Pick<InboxEntry, "id" | "from" | "origin">, book: Book | null, now: Now): Verdict {
  const { id, from, origin } = entry;
  const asked = { envelope: id, kind: "message" as const, from, to: book?.owner ?? "" };
  const request = { ...asked, signature: "valid" as const, replayed: false, fresh: true };
  return decide(origin === null ? request : { ...request, origin }, book, now);
}

/** Hours only ever put a message off: what is dropped, and what is held, is so at any time. */
const ANY_TIME: Now = { atMs: 0, clockTrusted: false };

/** Where a message is found now; `hidden`: nowhere, as long as the book stays as it is. */
export function placeOf(entry: InboxEntry, book: Book | null): InboxEntry["shelf"] | "hidden" {
  if (entry.shelf === "evidence") return "evidence";
  switch (judgeEntry(entry, book, ANY_TIME).act) {
    case "admit":
    case "take-message":
      return "inbox";
    case "hold":
      return "requests";
    case "drop":
      return "hidden";
  }
}

/**
 * Before anything is opened: would the gate drop whatever this sender leaves? What the hub says of a sender may only
 * ever turn them away, so this needs no proof.
 */
export function isTurnedAway(sender: AccountId, book: Book | null): DropReason | null {
  const verdict = judgeEntry({ id: "", from: sender, origin: null }, book, ANY_TIME);
  return verdict.act === "drop" && !verdict.evidence ? verdict.because : null;
}
