import * as v from "valibot";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { AccountId } from "../gate/book.ts";
import type { Db } from "./db.ts";
import { type SeenId, SeenIds } from "./seen-ids.ts";
import { writeBehind } from "./write-behind.ts";

/** Who sent it. By account: one account may certify any number of unit keys, so shares by unit key bound nothing. */
export type SenderOf = Readonly<{ account: string; known: boolean }>;

/** What the unit has seen, so that it takes nothing twice: ids of envelopes, and certificates. */
export interface ReplayStore extends Disposable {
  /**
   * True where this id came from this sender before, or where that cannot be told (no room is left to remember one
   * more of theirs). Reads memory only. `known`: the sender is in the book; what strangers send fills a room of
   * strangers alone.
   */
  seen(sender: SenderOf, id: string): boolean;
  /**
   * Counts at once, in memory; the disk follows within a second. Call it after the verdict, not for what was dropped.
   */
  remember(sender: SenderOf, id: string, expiresMs: number): void;
  /**
   * Writes it at once, as a part of the transaction that is under way; what it returns makes it count, to be called when
   * that is committed. `untilMs`: how long it may come again.
   */
  rememberWithin(sender: SenderOf, id: string, untilMs: number): () => void;
  /**
   * The time that it is at least, in wall-clock milliseconds: when the last of the envelopes expired whose ids are
   * forgotten. So a clock that is set back brings none of them to life again, and one that ran ahead for a while
   * leaves no trace: no time counts that nobody signed. Persisted, never goes back; 0 on a new unit. People in the
   * book have a floor of their own, which no stranger's dates can raise.
   */
  floorMs(known: boolean): number;
  /** The highest certificate `seq` seen of this account; 0 where none was. */
  highestSeq(account: AccountId): number;
  /** Keeps the higher of the two. Only for accounts in the book. */
  rememberSeq(account: AccountId, seq: number): void;
  /** Writes what waits. */
  flush(): void;
}

export type StoreOptions = Readonly<{ db: Db; clock: Clock; log: Log }>;

/** How long an id outlives the envelope it named (design.md, "Replay"). */
const OUTLIVES_MS = 5 * 60_000;
/** A message lives 30 days and can be opened for some more; a claim of more makes no memory of more. */
const LONGEST_MS = 36 * 24 * 3_600_000;
const FLUSH_MS = 1_000;

/** 4,096 of one sender: 136 messages a day for the 30 days that one lives. 65,536 in all: some 10 MB. */
const PEOPLE = { eachSender: 4_096, all: 65_536 };
const STRANGERS = { eachSender: 1_024, all: 16_384 };

type Rooms = Readonly<{ people: SeenIds; strangers: SeenIds }>;
type Known = 0 | 1;
type Stored = SeenId & Readonly<{ known: Known }>;

/** Throws where the tables cannot be read: the unit then fails closed. */
export function openReplayStore({ db, clock, log }: StoreOptions): ReplayStore {
  const rooms = load(db, clock.nowMs());
  const seqRows = db.prepare("SELECT account, highest_seq FROM certificate").all();
  const seqs = new Map(seqRows.map((row) => v.parse(SeqRow, row)).map((row) => [row.account, row.highest_seq]));
  const newIds: Stored[] = [];
  const newSeqs = new Set<AccountId>();
  const writer = idWriter(db);
  const writeSeq = db.prepare("INSERT OR REPLACE INTO certificate (account, highest_seq) VALUES (?, ?)");
  const closed: Stored[] = [];
  const behind = writeBehind({
    clock,
    log,
    delayMs: FLUSH_MS,
    what: "replay",
    write: () => {
      closed.push(...rooms.people.takeClosed().map((each) => ({ ...each, known: 1 as const })));
      closed.push(...rooms.strangers.takeClosed().map((each) => ({ ...each, known: 0 as const })));
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
  const entryFor = (account: string, id: string, untilMs: number): SeenId => {
    const keepUntilMs = Math.trunc(Math.min(untilMs, clock.nowMs() + LONGEST_MS)) + OUTLIVES_MS;
    return { sender: account, id, keepUntilMs };
  };
  const count = (entry: SeenId, known: boolean) =>
    entry.id !== "" && (known ? rooms.people : rooms.strangers).add(entry, clock.nowMs());
  return {
    seen({ account, known }, id) {
      const [own, other] = known ? [rooms.people, rooms.strangers] : [rooms.strangers, rooms.people];
      // Whoever came into the book, or left it, since then sends nothing twice for that.
      return other.knows(account, id, clock.nowMs()) || own.has(account, id, clock.nowMs());
    },
    remember({ account, known }, id, expiresMs) {
      const entry = entryFor(account, id, expiresMs);
      if (!count(entry, known)) return;
      newIds.push({ ...entry, known: known ? 1 : 0 });
      behind.soon();
    },
    rememberWithin({ account, known }, id, untilMs) {
      const entry = entryFor(account, id, untilMs);
      writer({ ids: [{ ...entry, known: known ? 1 : 0 }], closed: [], nowMs: clock.nowMs() });
      return () => count(entry, known);
    },
    floorMs: (known) => Math.max(0, (known ? rooms.people : rooms.strangers).forgottenMs - OUTLIVES_MS),
    highestSeq: (account) => seqs.get(account) ?? 0,
    rememberSeq(account, seq) {
      if (!Number.isSafeInteger(seq) || seq <= (seqs.get(account) ?? 0)) return;
      seqs.set(account, seq);
      newSeqs.add(account);
      behind.soon();
    },
    flush: () => behind.flush(),
    [Symbol.dispose]: () => behind[Symbol.dispose](),
  };
}

/** Ids that have run out stay on the disk until the next write, but are forgotten from here on. */
function load(db: Db, nowMs: number): Rooms {
  const rooms: Rooms = { people: new SeenIds(PEOPLE), strangers: new SeenIds(STRANGERS) };
  const roomOf = (known: Known) => (known === 1 ? rooms.people : rooms.strangers);
  const rows = db.prepare("SELECT sender, id, keep_until_ms, known FROM seen WHERE keep_until_ms > ?");
  for (const row of rows.iterate(nowMs)) {
    const { sender, id, keep_until_ms: keepUntilMs, known } = v.parse(SeenRow, row);
    roomOf(known).restore({ sender, id, keepUntilMs });
  }
  const forgotten = db.prepare(
    `SELECT known, until_ms FROM forgotten UNION ALL
     SELECT known, max(keep_until_ms) FROM seen WHERE keep_until_ms <= ? GROUP BY known`,
  );
  for (const row of forgotten.iterate(nowMs)) {
    const { known, until_ms: untilMs } = v.parse(ForgottenRow, row);
    roomOf(known).restoreForgotten(untilMs);
  }
  return rooms;
}

function idWriter(db: Db) {
  const insert = db.prepare("INSERT OR REPLACE INTO seen (sender, id, keep_until_ms, known) VALUES (?, ?, ?, ?)");
  const dropSender = db.prepare("DELETE FROM seen WHERE sender = ? AND known = ?");
  const noteOld = db.prepare(
    `INSERT INTO forgotten (known, until_ms)
     SELECT known, max(keep_until_ms) FROM seen WHERE keep_until_ms <= ? GROUP BY known
     ON CONFLICT (known) DO UPDATE SET until_ms = max(until_ms, excluded.until_ms)`,
  );
  const dropOld = db.prepare("DELETE FROM seen WHERE keep_until_ms <= ?");
  return (write: { ids: readonly Stored[]; closed: readonly Stored[]; nowMs: number }) => {
    for (const each of write.ids) insert.run(each.sender, each.id, each.keepUntilMs, each.known);
    for (const each of write.closed) {
      dropSender.run(each.sender, each.known);
      insert.run(each.sender, each.id, each.keepUntilMs, each.known);
    }
    noteOld.run(write.nowMs);
    dropOld.run(write.nowMs);
  };
}

const Known = v.picklist([0, 1]);
const SeenRow = v.strictObject({ sender: v.string(), id: v.string(), keep_until_ms: v.number(), known: Known });
const ForgottenRow = v.strictObject({ known: Known, until_ms: v.number() });
const SeqRow = v.strictObject({ account: v.string(), highest_seq: v.number() });
