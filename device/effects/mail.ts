import type { Effect, Event } from "../events.ts";
import type { Stores } from "../ports.ts";
import type { Kept } from "../store/inbox.ts";

type KeepMessage = Extract<Effect, { type: "keep-message" }>;

/**
 * Puts a part where its pass says: whoever was held lies in Requests, whatever the effect may say. The hub hears that it
 * is settled, whatever became of it, unless the disk refused it: then it is to come again.
 */
export function keepMessage(
  { parcel, pass, receipt, act, because }: KeepMessage,
  stores: Stores,
  {
    settle,
    dispatch,
  }: { settle: (receipt: number | null, became: "settled" | "left") => void; dispatch: (event: Event) => void },
): void {
  const { from, id, certSeq, message } = parcel.envelope;
  const known = stores.book.personOf(from) !== undefined;
  const kept: Kept = stores.inbox.keep({ parcel, shelf: shelfFor(pass), known });
  if (kept === "kept" && known) stores.replay.rememberSeq(from, certSeq);
  settle(receipt, kept === "not-saved" ? "left" : "settled");
  dispatch({ type: "message-kept", pass, id, from, kept, act, because, detail: message.kind });
}

function shelfFor({ act }: KeepMessage["pass"]): "inbox" | "requests" | "evidence" {
  if (act === "request" || act === "evidence") return act === "evidence" ? "evidence" : "requests";
  return "inbox";
}
