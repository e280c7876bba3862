import type { AccountId } from "../gate/book.ts";
import type { Stores } from "../ports.ts";
import { deletedAs } from "./deleted.ts";

/**
 * Whoever is deleted is gone from the book first and then from all else. A power cut in between, or a disk that refused
 * the rest, leaves what they left and what was to be sent to them; by their seals it is found, and forgotten now.
 */
export function forgetStillKnown({
  book,
  inbox,
  outbox,
  calls,
  journal,
}: Pick<Stores, "book" | "inbox" | "outbox" | "calls" | "journal">): void {
  const now = book.book;
  if (now.deleted.length === 0) return;
  const found = new Map<AccountId, number>();
  const goneSinceMs = (account: AccountId): number => {
    const known = found.get(account);
    if (known !== undefined) return known;
    const who = { name: "", aliases: [], accounts: [account], numbers: [], addresses: [] };
    const atMs = Math.max(Number.NEGATIVE_INFINITY, ...deletedAs(now, who).map((each) => each.atMs));
    found.set(account, atMs);
    return atMs;
  };
  const whose = new Set<AccountId>();
  const note = (account: AccountId | null, atMs: number) => {
    if (account !== null && atMs <= goneSinceMs(account)) whose.add(account);
  };
  for (const { from, origin, arrivedMs, shelf } of inbox.entries()) {
    if (shelf === "evidence") continue;
    note(from, arrivedMs);
    note(origin, arrivedMs);
  }
  for (const { to, atMs } of outbox.waiting()) note(to, atMs);
  for (const { account, atMs } of calls.list(Number.MAX_SAFE_INTEGER)) note(account, atMs);
  if (whose.size === 0) return;
  for (const account of whose) {
    inbox.purge([account], goneSinceMs(account));
    outbox.removeAllTo(account);
  }
  calls.forget([...whose]);
  journal.forget({ keys: [...whose] }, "cli");
}
