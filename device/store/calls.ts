import * as v from "valibot";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { AccountId } from "../gate/book.ts";
import type { Db } from "./db.ts";
import { writeBehind } from "./write-behind.ts";

/** One call that may be listed. `request`: held from somebody unknown, out of sight until the owner asks. */
export type ListedCall = Readonly<{
  atMs: number;
  account: AccountId;
  direction: "in" | "out";
  kind: "missed" | "answered" | "made" | "request";
  heard: boolean;
}>;

/** As listed; requests of one account that nobody heard yet are one entry: `count` of them, the last at `atMs`. */
type CallEntry = ListedCall & Readonly<{ id: number; count: number }>;

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
  /** Takes out every call of these accounts. */
  forget(accounts: readonly AccountId[]): void;
  /** Writes what waits. */
  flush(): void;
}

export type CallListOptions = Readonly<{ db: Db; owner: AccountId; clock: Clock; log: Log; maxOfEach?: number }>;

/** Kept of calls, and again of requests: strangers push out strangers only. */
const MAX_OF_EACH = 500;
const FLUSH_MS = 2_000;

/** All in memory, oldest first; the disk follows. Throws where the table cannot be read: the unit then fails closed. */
export function openCallList({ db, owner, clock, log, maxOfEach = MAX_OF_EACH }: CallListOptions): CallList {
  const rows = db.prepare("SELECT * FROM call WHERE owner = ? ORDER BY id").all(owner);
  let entries = rows.map((row) => toEntry(v.parse(Row, row)));
  let nextId = (entries.at(-1)?.id ?? 0) + 1;
  const written = new Map(entries.map((entry) => [entry.id, entry]));
  const behind = writeBehind({
    clock,
    log,
    delayMs: FLUSH_MS,
    what: "calls",
    write: () => {
      db.transaction(() => save(db, owner, written, entries))();
      written.clear();
      for (const entry of entries) written.set(entry.id, entry);
    },
  });
  const replace = (old: CallEntry | undefined, entry: CallEntry) => {
    entries = [...entries.filter((each) => each !== old), entry];
    const ofKind = entries.filter((each) => isRequest(each) === isRequest(entry));
    const [oldest] = ofKind;
    if (ofKind.length > maxOfEach) entries = entries.filter((each) => each !== oldest);
  };
  return {
    add(call) {
      const old = isRequest(call) ? entries.find((each) => isSameRequest(each, call)) : undefined;
      replace(old, { ...call, atMs: Math.trunc(call.atMs), id: nextId, count: (old?.count ?? 0) + 1 });
      nextId += 1;
      if (isRequest(call)) behind.soon();
      else behind.flush();
    },
    lastIncoming: () => entries.findLast((each) => each.direction === "in" && !isRequest(each)),
    unheard(include = { requests: false }) {
      return entries.filter((each) => !each.heard && (include.requests || !isRequest(each))).toReversed();
    },
    list: (limit) => entries.slice(-limit).toReversed(),
    markHeard(ids) {
      entries = entries.map((each) => (ids.includes(each.id) && !each.heard ? { ...each, heard: true } : each));
      behind.flush();
    },
    forget(accounts) {
      entries = entries.filter((each) => !accounts.includes(each.account));
      behind.flush();
    },
    flush: () => behind.flush(),
    [Symbol.dispose]: () => behind[Symbol.dispose](),
  };
}

function isRequest(call: ListedCall): boolean {
  return call.kind === "request";
}

function isSameRequest(each: CallEntry, call: ListedCall): boolean {
  return isRequest(each) && !each.heard && each.account === call.account;
}

function save(db: Db, owner: AccountId, written: ReadonlyMap<number, CallEntry>, entries: readonly CallEntry[]): void {
  const gone = new Set(written.keys());
  const put = db.prepare(
    `INSERT OR REPLACE INTO call (owner, id, at_ms, account, direction, kind, heard, count)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const entry of entries) {
    gone.delete(entry.id);
    if (written.get(entry.id) === entry) continue;
    const heard = entry.heard ? 1 : 0;
    put.run(owner, entry.id, entry.atMs, entry.account, entry.direction, entry.kind, heard, entry.count);
  }
  const remove = db.prepare("DELETE FROM call WHERE owner = ? AND id = ?");
  for (const id of gone) remove.run(owner, id);
}

const Row = v.object({
  id: v.number(),
  at_ms: v.number(),
  account: v.string(),
  direction: v.picklist(["in", "out"]),
  kind: v.picklist(["missed", "answered", "made", "request"]),
  heard: v.picklist([0, 1]),
  count: v.number(),
});

function toEntry({ at_ms: atMs, heard, ...rest }: v.InferOutput<typeof Row>): CallEntry {
  return { ...rest, atMs, heard: heard === 1 };
}
