import * as v from "valibot";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { AccountId } from "../gate/book.ts";
import type { Db } from "./db.ts";
import { writeBehind } from "./write-behind.ts";

/** One line of the owner's private journal: what the gate did, what was changed, who called. */
export type JournalLine = Readonly<{
  atMs: number;
  what: "verdict" | "change" | "call" | "start";
  account?: AccountId | undefined;
  act?: string | undefined;
  because?: string | undefined;
  by?: "voice" | "button" | "cli" | "gate" | undefined;
  detail?: string | undefined;
}>;

/** A line as listed. Verdicts that let nothing in are folded by account and minute: `count` of them until `lastMs`. */
export type JournalEntry = JournalLine & Readonly<{ id: number; count: number; lastMs: number }>;

export interface Journal extends Disposable {
  /** Never throws. Dropped and held verdicts reach the disk in batches; everything else before this returns. */
  append(line: JournalLine): void;
  /** Newest first; `before` is the `id` of the last line of the page before. Throws where the disk cannot be read. */
  list(page: { limit: number; before?: number | undefined }): JournalEntry[];
  /** Writes what waits. */
  flush(): void;
}

export type JournalOptions = Readonly<{ db: Db; owner: AccountId; clock: Clock; log: Log; maxLines?: number }>;

const MAX_LINES = 10_000;
const FLUSH_MS = 2_000;
const MINUTE_MS = 60_000;
/** Accounts named one by one in a minute; those beyond are counted together, so that many senders fill no journal. */
const ACCOUNTS_A_MINUTE = 60;
/** Lines that wait while the disk refuses; beyond that the oldest is lost. */
const MAX_WAITING = 1_000;
const MAX_DETAIL = 500;

type Waiting = JournalLine & { lastMs: number; count: number; fold: string | null };

export function openJournal({ db, owner, clock, log, maxLines = MAX_LINES }: JournalOptions): Journal {
  const foldOf = minuteFolds();
  const insert = db.prepare(
    `INSERT INTO journal (owner, fold, kept_out, at_ms, last_ms, count, what, account, act, because, by, detail)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (owner, fold) DO UPDATE SET
       count = count + excluded.count, last_ms = max(last_ms, excluded.last_ms)`,
  );
  const waiting: Waiting[] = [];
  const behind = writeBehind({
    clock,
    log,
    delayMs: FLUSH_MS,
    what: "journal",
    write: () => {
      if (waiting.length === 0) return;
      db.transaction(() => {
        for (const line of waiting) insert.run(...rowOf(owner, line));
        prune(db, owner, maxLines);
      })();
      waiting.length = 0;
    },
  });
  return {
    append(line) {
      const folded = foldOf(line);
      const same = folded.fold === null ? undefined : waiting.find((each) => each.fold === folded.fold);
      if (same) {
        same.count += 1;
        same.lastMs = Math.max(same.lastMs, line.atMs);
        return;
      }
      waiting.push(folded);
      if (waiting.length > MAX_WAITING) waiting.shift();
      if (folded.fold === null) behind.flush();
      else behind.soon();
    },
    list({ limit, before = Number.MAX_SAFE_INTEGER }) {
      behind.flush();
      const rows = db
        .prepare("SELECT * FROM journal WHERE owner = ? AND id < ? ORDER BY id DESC LIMIT ?")
        .all(owner, before, limit);
      return rows.map((row) => toEntry(v.parse(Row, row)));
    },
    flush: () => behind.flush(),
    [Symbol.dispose]: () => behind[Symbol.dispose](),
  };
}

/**
 * Strangers decide how many verdicts there are that let nothing in, so those are counted by account, reason and
 * minute; past `ACCOUNTS_A_MINUTE` accounts, by reason and minute.
 */
function minuteFolds(): (line: JournalLine) => Waiting {
  let minute = Number.NaN;
  const named = new Set<string>();
  return (line) => {
    const whole = { ...line, detail: line.detail?.slice(0, MAX_DETAIL), lastMs: line.atMs, count: 1 };
    if (!isKeptOut(line)) return { ...whole, fold: null };
    const lineMinute = Math.floor(line.atMs / MINUTE_MS);
    if (lineMinute !== minute) {
      minute = lineMinute;
      named.clear();
    }
    const account = line.account ?? "";
    if (named.has(account) || named.size < ACCOUNTS_A_MINUTE) {
      named.add(account);
      return { ...whole, fold: `${minute} ${line.act} ${line.because} ${account}` };
    }
    const others = { ...whole, account: undefined, detail: "several accounts" };
    return { ...others, fold: `${minute} ${line.act} ${line.because} several` };
  };
}

/** The owner's own doings and what was let in are never folded: one line each. */
function isKeptOut(line: JournalLine): boolean {
  return line.what === "verdict" && (line.act === "drop" || line.act === "hold");
}

/** Verdicts that kept something out may fill half of the journal before they push out anything else. */
function prune(db: Db, owner: AccountId, maxLines: number): void {
  const counts = db.prepare("SELECT count(*) AS lines FROM journal WHERE owner = ? AND kept_out = ?");
  const keptOut = v.parse(Count, counts.get(owner, 1)).lines;
  const others = v.parse(Count, counts.get(owner, 0)).lines;
  const excess = keptOut + others - maxLines;
  if (excess <= 0) return;
  const fromKeptOut = Math.min(excess, Math.max(0, keptOut - Math.floor(maxLines / 2)));
  const remove = db.prepare(
    `DELETE FROM journal WHERE id IN (
       SELECT id FROM journal WHERE owner = ? AND kept_out = ? ORDER BY id LIMIT ?)`,
  );
  remove.run(owner, 1, fromKeptOut);
  remove.run(owner, 0, excess - fromKeptOut);
}

const Count = v.strictObject({ lines: v.number() });

const Row = v.object({
  id: v.number(),
  at_ms: v.number(),
  last_ms: v.number(),
  count: v.number(),
  what: v.picklist(["verdict", "change", "call", "start"]),
  account: v.nullable(v.string()),
  act: v.nullable(v.string()),
  because: v.nullable(v.string()),
  by: v.nullable(v.picklist(["voice", "button", "cli", "gate"])),
  detail: v.nullable(v.string()),
});

function rowOf(owner: AccountId, line: Waiting) {
  const { account = null, act = null, because = null, by = null, detail = null } = line;
  const times = [Math.trunc(line.atMs), Math.trunc(line.lastMs), line.count];
  return [owner, line.fold, isKeptOut(line) ? 1 : 0, ...times, line.what, account, act, because, by, detail];
}

function toEntry(row: v.InferOutput<typeof Row>): JournalEntry {
  return {
    id: row.id,
    atMs: row.at_ms,
    lastMs: row.last_ms,
    count: row.count,
    what: row.what,
    ...(row.account !== null && { account: row.account }),
    ...(row.act !== null && { act: row.act }),
    ...(row.because !== null && { because: row.because }),
    ...(row.by !== null && { by: row.by }),
    ...(row.detail !== null && { detail: row.detail }),
  };
}
