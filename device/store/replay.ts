import * as v from "valibot";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { AccountId } from "../gate/book.ts";
import type { Db } from "./db.ts";
import { type SeenId, SeenIds } from "./seen-ids.ts";
import { type WriteBehind, writeBehind } from "./write-behind.ts";

/** What the unit has seen, so that it takes nothing twice: ids of envelopes, the time, and certificates. */
export interface ReplayStore extends Disposable {
  /**
   * True where this id came from this sender before, or where that cannot be told (no room is left to remember one
   * more of theirs). Reads memory only. The sender is best named by account: one account may certify any number of
   * unit keys, so shares by unit key would bound nothing.
   */
  seen(sender: string, id: string): boolean;
  /**
   * Counts at once, in memory; the disk follows within a second. Call it after the verdict, not for what was dropped.
   */
  remember(sender: string, id: string, expiresMs: number): void;
  readonly clockFloor: ClockFloor;
  /** The highest certificate `seq` seen of this account; 0 where none was. */
  highestSeq(account: AccountId): number;
  /** Keeps the higher of the two. Only for accounts in the book. */
  rememberSeq(account: AccountId, seq: number): void;
  /** Writes what waits. */
  flush(): void;
}

/** The time that it is at least: persisted, never goes back. */
interface ClockFloor {
  /** Wall-clock milliseconds; 0 on a new unit. */
  read(): number;
  /** Takes a later time; written at most once a minute, and when the store is disposed. */
  advance(nowMs: number): void;
}

export type StoreOptions = Readonly<{ db: Db; clock: Clock; log: Log }>;

/** How long an id outlives the envelope it named (design.md, "Replay"). */
const OUTLIVES_MS = 5 * 60_000;
/** No kind of envelope lives longer than 30 days; a claim of more makes no memory of more. */
const LONGEST_MS = 31 * 24 * 3_600_000;
const FLUSH_MS = 1_000;
const FLOOR_WRITTEN_EVERY_MS = 60_000;

/** Throws where the tables cannot be read: the unit then fails closed. */
export function openReplayStore({ db, clock, log }: StoreOptions): ReplayStore {
  const ids = loadIds(db, clock.nowMs());
  const seqRows = db.prepare("SELECT account, highest_seq FROM certificate").all();
  const seqs = new Map(seqRows.map((row) => v.parse(SeqRow, row)).map((row) => [row.account, row.highest_seq]));
  const newIds: SeenId[] = [];
  const newSeqs = new Set<AccountId>();
  const writer = idWriter(db);
  const writeSeq = db.prepare("INSERT OR REPLACE INTO certificate (account, highest_seq) VALUES (?, ?)");
  const closed: SeenId[] = [];
  const behind = writeBehind({
    clock,
    log,
    delayMs: FLUSH_MS,
    what: "replay",
    write: () => {
      closed.push(...ids.takeClosed());
      if (newIds.length === 0 && newSeqs.size === 0 && closed.length === 0) return;
      db.transaction(() => {
        writer({ ids: newIds, closed, nowMs: clock.nowMs() });
        for (const account of newSeqs) writeSeq.run(account, seqs.get(account) ?? 0);
      })();
      newIds.length = 0;
      closed.length = 0;
      newSeqs.clear();
    },
  });
  const floor = openClockFloor({ db, clock, log });
  return {
    seen: (sender, id) => ids.has(sender, id, clock.nowMs()),
    remember(sender, id, expiresMs) {
      const keepUntilMs = Math.trunc(Math.min(expiresMs, clock.nowMs() + LONGEST_MS)) + OUTLIVES_MS;
      const entry = { sender, id, keepUntilMs };
      if (id === "" || !ids.add(entry, clock.nowMs())) return;
      newIds.push(entry);
      behind.soon();
    },
    clockFloor: floor,
    highestSeq: (account) => seqs.get(account) ?? 0,
    rememberSeq(account, seq) {
      if (!Number.isSafeInteger(seq) || seq <= (seqs.get(account) ?? 0)) return;
      seqs.set(account, seq);
      newSeqs.add(account);
      behind.soon();
    },
    flush() {
      behind.flush();
      floor.flush();
    },
    [Symbol.dispose]() {
      behind[Symbol.dispose]();
      floor[Symbol.dispose]();
    },
  };
}

/** Ids that have run out stay on the disk until the next write, but are not read. */
function loadIds(db: Db, nowMs: number): SeenIds {
  const ids = new SeenIds();
  const rows = db.prepare("SELECT sender, id, keep_until_ms FROM seen WHERE keep_until_ms > ?");
  for (const row of rows.iterate(nowMs)) {
    const { sender, id, keep_until_ms: keepUntilMs } = v.parse(SeenRow, row);
    ids.restore({ sender, id, keepUntilMs });
  }
  return ids;
}

function idWriter(db: Db) {
  const insert = db.prepare("INSERT OR REPLACE INTO seen (sender, id, keep_until_ms) VALUES (?, ?, ?)");
  const dropSender = db.prepare("DELETE FROM seen WHERE sender = ?");
  const dropOld = db.prepare("DELETE FROM seen WHERE keep_until_ms <= ?");
  return (write: { ids: readonly SeenId[]; closed: readonly SeenId[]; nowMs: number }) => {
    for (const each of write.ids) insert.run(each.sender, each.id, each.keepUntilMs);
    for (const each of write.closed) {
      dropSender.run(each.sender);
      insert.run(each.sender, each.id, each.keepUntilMs);
    }
    dropOld.run(write.nowMs);
  };
}

function openClockFloor({ db, clock, log }: StoreOptions): ClockFloor & Pick<WriteBehind, "flush"> & Disposable {
  const row = db.prepare("SELECT floor_ms FROM clock").get();
  let floorMs = row === undefined ? 0 : v.parse(FloorRow, row).floor_ms;
  let writtenMs = floorMs;
  const behind = writeBehind({
    clock,
    log,
    delayMs: FLOOR_WRITTEN_EVERY_MS,
    what: "clock floor",
    write: () => {
      if (floorMs <= writtenMs) return;
      db.prepare("INSERT OR REPLACE INTO clock (one, floor_ms) VALUES (1, ?)").run(floorMs);
      writtenMs = floorMs;
    },
  });
  return {
    read: () => floorMs,
    advance(nowMs) {
      if (!Number.isSafeInteger(Math.trunc(nowMs)) || nowMs <= floorMs) return;
      floorMs = Math.trunc(nowMs);
      behind.soon();
    },
    flush: () => behind.flush(),
    [Symbol.dispose]: () => behind[Symbol.dispose](),
  };
}

const SeenRow = v.strictObject({ sender: v.string(), id: v.string(), keep_until_ms: v.number() });
const SeqRow = v.strictObject({ account: v.string(), highest_seq: v.number() });
const FloorRow = v.strictObject({ floor_ms: v.number() });
