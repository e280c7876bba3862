import type { AccountId } from "../gate/book.ts";

/** One call that may be listed. `request`: held from somebody unknown, out of sight until the owner asks. */
export type ListedCall = Readonly<{
  atMs: number;
  account: AccountId;
  direction: "in" | "out";
  kind: "missed" | "answered" | "made" | "request";
  heard: boolean;
}>;

/** As listed; requests of one account that nobody heard yet are one entry: `count` of them, the last at `atMs`. */
export type CallEntry = ListedCall & Readonly<{ id: number; count: number }>;

export interface CallList extends Disposable {
  /** Never throws. Requests reach the disk in batches, everything else before this returns. */
  add(call: ListedCall): void;
  /** The last call that came in, requests left out. */
  lastIncoming(): CallEntry | undefined;
  /** What the owner has not heard of yet, newest first; requests only where asked for. */
  unheard(include?: { requests: boolean }): CallEntry[];
  /** Newest first. */
  list(limit: number): CallEntry[];
  markHeard(ids: readonly number[]): void;
  /** Writes what waits. */
  flush(): void;
}
