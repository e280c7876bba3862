import { randomBytes } from "node:crypto";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { Db } from "./db.ts";
import type { JournalSigner } from "./journal-checkpoint.ts";
import { writeExport } from "./journal-file.ts";
import { MinuteFolds, minuteOf } from "./journal-folds.ts";
import { type CountedLine, type JournalEntry, type JournalLine, readDetails, writeDetails } from "./journal-line.ts";
import { JournalRows } from "./journal-rows.ts";
import { type JournalReport, verifyInPieces } from "./journal-verify.ts";
import { JournalWriter } from "./journal-writer.ts";
import { writeBehind } from "./write-behind.ts";

/**
 * Whom to forget. `keys`: all that a line may name them by (accounts, numbers, addresses); `person`: their id, if they
 * are in the book.
 */
export type Forgotten = Readonly<{ keys: readonly string[]; person?: string | undefined }>;

/**
 * The owner's private record, append-only: its lines make a chain that ends in signed checkpoints. It proves that
 * nothing was altered later, not that nothing was left out.
 */
export interface Journal extends Disposable {
  /** Never throws. What strangers did reaches the disk in batches; everything else before this returns. */
  append(line: JournalLine): void;
  /** Newest first; `before` is the `id` of the last line of the page before. Throws where the disk cannot be read. */
  list(page: { limit: number; before?: number | undefined }): JournalEntry[];
  /** Reads the whole chain and says what holds. Throws where the disk cannot be read. */
  verify(): Promise<JournalReport>;
  /** All of it as a signed file that a third party can verify; null where the disk refuses the checkpoint it needs. */
  exported(): Promise<string | null>;
  /** Deletes what lines about somebody say; their places in the chain stay. Says how many; null where the disk refuses. */
  forget(whom: Forgotten, by: "voice" | "button" | "cli"): number | null;
  /** Writes what waits. */
  flush(): void;
}

export type JournalOptions = Readonly<{
  db: Db;
  /** Whose journal it is, and what signs it. */
  signer: JournalSigner;
  clock: Clock;
  log: Log;
  maxLines?: number;
}>;

const MAX_LINES = 10_000;
const FLUSH_MS = 2_000;
/** How soon a count is closed after its minute, and a write tried again that the disk refused. */
const TEND_MS = 60_000;
/** Lines that wait while the disk refuses; beyond that the oldest is lost, and a `gap` tells of it. */
const MAX_WAITING = 1_000;

/** Throws where the tables cannot be read: the unit then fails closed. */
export function openJournal({ db, signer, clock, log, maxLines = MAX_LINES }: JournalOptions): Journal {
  const rows = new JournalRows(db, signer.account);
  const writer = new JournalWriter({ rows, signer, clock, maxLines });
  const folds = new MinuteFolds(randomBytes(6).toString("hex"));
  const singles: CountedLine[] = [];
  // Counts that an earlier start did not come to close.
  let left = rows.open();
  let lost = 0;
  let closing = false;
  let cancelTending: (() => void) | null = null;

  const write = () => {
    lost += folds.takeLost();
    const nowMs = clock.nowMs();
    const over = folds.all().filter(({ minute }) => closing || minute !== minuteOf(nowMs));
    const open = folds.all().filter((fold) => fold.dirty && !over.includes(fold));
    const gap: CountedLine[] = lost > 0 ? [{ atMs: nowMs, lastMs: nowMs, what: "gap", count: lost }] : [];
    const due = writer.segmentIsOver || (closing && writer.unsigned > 0);
    if ([left, over, open, gap, singles].every(({ length }) => length === 0) && !due) return;
    writer.write({
      singles: [...gap, ...singles],
      open,
      closed: [
        ...left.map(({ fold: key, details }) => ({ key, details })),
        ...over.map(({ key, line }) => ({ key, details: writeDetails(line) })),
      ],
      sign: closing,
    });
    left = [];
    lost = 0;
    singles.length = 0;
    folds.remove(over);
    for (const fold of open) fold.dirty = false;
  };
  const behind = writeBehind({
    clock,
    log,
    delayMs: FLUSH_MS,
    what: "journal",
    write: () => {
      try {
        write();
      } finally {
        if (folds.size > 0 || singles.length > 0 || writer.unsigned > 0) tend();
      }
    },
  });
  const tend = () => {
    cancelTending ??= clock.after(TEND_MS, () => {
      cancelTending = null;
      behind.flush();
    });
  };
  /** Gives everything its place in the chain, and signs it; false where the disk refuses. */
  const close = () => {
    closing = true;
    behind.flush();
    closing = false;
    return singles.length === 0 && folds.size === 0 && writer.unsigned === 0;
  };
  const append = (line: JournalLine, count = 1) => {
    if (folds.takes(line)) {
      folds.count(line);
      behind.soon();
      return;
    }
    singles.push({ ...line, count, lastMs: line.atMs });
    if (singles.length > MAX_WAITING) {
      singles.shift();
      lost += 1;
    }
    behind.flush();
  };
  const forget = (whom: Forgotten): number | null => {
    try {
      return rows.forget((details) => isAbout(details, whom));
    } catch (error) {
      log.error({ error: error instanceof Error ? error.name : "unknown" }, "the journal could not forget");
      return null;
    }
  };
  behind.flush();

  return {
    append: (line) => append(line),
    list({ limit, before = Number.MAX_SAFE_INTEGER }) {
      behind.flush();
      return rows.page(limit, before);
    },
    async verify() {
      behind.flush();
      return verifyInPieces({ account: signer.account, lines: [...rows.chained()], checkpoints: rows.checkpoints() });
    },
    async exported() {
      if (!close()) return null;
      const records = { lines: [...rows.chained()], checkpoints: rows.checkpoints(), before: rows.before() };
      return writeExport(records, signer, clock.nowMs());
    },
    forget(whom, by) {
      const lines = close() ? forget(whom) : null;
      if (lines !== null && lines > 0) append({ atMs: clock.nowMs(), what: "change", by, detail: "forget" }, lines);
      return lines;
    },
    flush: () => behind.flush(),
    [Symbol.dispose]() {
      closing = true;
      behind[Symbol.dispose]();
      cancelTending?.();
    },
  };
}

/** A key may also stand in the words of a line, and so may an id. */
function isAbout(details: string, { keys, person }: Forgotten): boolean {
  if (keys.some((key) => key !== "" && details.includes(key))) return true;
  if (person === undefined || !details.includes(person)) return false;
  const line = readDetails(details);
  return line?.person === person || (line?.what === "change" && (line.detail ?? "").split(" ").includes(person));
}
