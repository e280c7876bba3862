import { randomBytes } from "node:crypto";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { Db } from "./db.ts";
import type { Sealed } from "./journal-chain.ts";
import type { JournalSigner } from "./journal-checkpoint.ts";
import { writeExport } from "./journal-file.ts";
import { MinuteFolds, minuteOf } from "./journal-folds.ts";
import { type CountedLine, type JournalEntry, type JournalLine, readDetails, writeDetails } from "./journal-line.ts";
import { JournalRows } from "./journal-rows.ts";
import { type JournalReport, verifyInPieces } from "./journal-verify.ts";
import { type JournalWriter, openWriter } from "./journal-writer.ts";
import { type WriteBehind, writeBehind } from "./write-behind.ts";

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
  /**
   * All of it as a signed file that a third party can verify; null where the disk refuses the checkpoint it needs. Of
   * lines that `shows` does not want, only their place in the chain is in the file.
   */
  exported(shows?: (line: CountedLine) => boolean): Promise<string | null>;
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
  const writer = openWriter({ rows, signer, clock, maxLines });
  const journal = new ChainedJournal({ signer, clock, log, rows, writer, left: rows.open() });
  journal.flush();
  return journal;
}

type Left = readonly Readonly<{ fold: string; details: string }>[];

class ChainedJournal implements Journal {
  readonly #signer: JournalSigner;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #rows: JournalRows;
  readonly #writer: JournalWriter;
  readonly #folds = new MinuteFolds(randomBytes(6).toString("hex"));
  readonly #behind: WriteBehind;
  /** Lines that wait for the disk. */
  readonly #singles: CountedLine[] = [];
  /** Counts that an earlier start did not come to close. */
  #left: Left;
  #lost = 0;
  #closing = false;
  #cancelTending: (() => void) | null = null;

  constructor(options: {
    signer: JournalSigner;
    clock: Clock;
    log: Log;
    rows: JournalRows;
    writer: JournalWriter;
    left: Left;
  }) {
    const { signer, clock, log, rows, writer, left } = options;
    this.#signer = signer;
    this.#clock = clock;
    this.#log = log;
    this.#rows = rows;
    this.#writer = writer;
    this.#left = left;
    const write = () => this.#write();
    this.#behind = writeBehind({ clock, log, delayMs: FLUSH_MS, what: "journal", write });
  }

  append(line: JournalLine): void {
    if (this.#folds.takes(line)) {
      this.#folds.count(line);
      this.#behind.soon();
    } else this.#appendSingle(line, 1);
  }

  list({ limit, before = Number.MAX_SAFE_INTEGER }: Parameters<Journal["list"]>[0]): JournalEntry[] {
    this.flush();
    return this.#rows.page(limit, before);
  }

  async verify(): Promise<JournalReport> {
    this.flush();
    return verifyInPieces({ account: this.#signer.account, ...this.#read() });
  }

  async exported(shows: ((line: CountedLine) => boolean) | null = null): Promise<string | null> {
    if (!this.#close()) return null;
    const isShown = (details: string) => {
      const line = shows && readDetails(details);
      return shows === null || (line !== null && shows(line));
    };
    const { lines, checkpoints } = this.#read();
    const before = this.#rows.before().filter(isShown);
    const records = { lines: withholding(lines, isShown), checkpoints, before };
    return writeExport(records, this.#signer, this.#clock.nowMs());
  }

  forget(whom: Forgotten, by: "voice" | "button" | "cli"): number | null {
    if (!this.#close()) return null;
    try {
      const lines = this.#rows.forget((details) => isAbout(details, whom));
      const told: JournalLine = { atMs: this.#clock.nowMs(), what: "change", by, detail: "forget" };
      if (lines > 0) this.#appendSingle(told, lines);
      return lines;
    } catch (error) {
      this.#log.error({ error: error instanceof Error ? error.name : "unknown" }, "the journal could not forget");
      return null;
    }
  }

  flush(): void {
    this.#behind.flush();
  }

  [Symbol.dispose](): void {
    this.#closing = true;
    this.#behind[Symbol.dispose]();
    this.#cancelTending?.();
  }

  #appendSingle(line: JournalLine, count: number): void {
    this.#singles.push({ ...line, count, lastMs: line.atMs });
    if (this.#singles.length > MAX_WAITING) {
      this.#singles.shift();
      this.#lost += 1;
    }
    this.flush();
  }

  /** The whole chain as it stands now. */
  #read() {
    return { lines: [...this.#rows.chained()], checkpoints: this.#rows.checkpoints() };
  }

  /** Gives everything its place in the chain, and signs it; false where the disk refuses. */
  #close(): boolean {
    this.#closing = true;
    this.flush();
    this.#closing = false;
    return this.#singles.length === 0 && this.#folds.size === 0 && this.#writer.unsigned === 0;
  }

  #write(): void {
    try {
      this.#writeWhatWaits();
    } finally {
      if (this.#folds.size > 0 || this.#singles.length > 0 || this.#writer.unsigned > 0) this.#tend();
    }
  }

  #writeWhatWaits(): void {
    const nowMs = this.#clock.nowMs();
    this.#lost += this.#folds.takeLost();
    const gap: CountedLine[] = this.#lost > 0 ? [{ atMs: nowMs, lastMs: nowMs, what: "gap", count: this.#lost }] : [];
    const folds = this.#folds.all();
    const over = folds.filter(({ minute }) => this.#closing || minute !== minuteOf(nowMs));
    const open = folds.filter((fold) => fold.dirty && !over.includes(fold));
    const closed = [
      ...this.#left.map(({ fold: key, details }) => ({ key, details })),
      ...over.map(({ key, line }) => ({ key, details: writeDetails(line) })),
    ];
    const singles = [...gap, ...this.#singles];
    const due = this.#writer.segmentIsOver || (this.#closing && this.#writer.unsigned > 0);
    if (!due && singles.length + open.length + closed.length === 0) return;
    this.#writer.write({ singles, open, closed, sign: this.#closing });
    this.#left = [];
    this.#lost = 0;
    this.#singles.length = 0;
    this.#folds.remove(over);
    for (const fold of open) fold.dirty = false;
  }

  /** Sees that counts are closed, segments signed, and writes tried again, though nothing new comes. */
  #tend(): void {
    this.#cancelTending ??= this.#clock.after(TEND_MS, () => {
      this.#cancelTending = null;
      this.flush();
    });
  }
}

/** A key may also stand in the words of a line, and so may an id. */
function isAbout(details: string, { keys, person }: Forgotten): boolean {
  if (keys.some((key) => key !== "" && details.includes(key))) return true;
  if (person === undefined || !details.includes(person)) return false;
  const line = readDetails(details);
  return line?.person === person || (line?.what === "change" && (line.detail ?? "").split(" ").includes(person));
}

/** A line that is not shown stands there as if it had been forgotten: nothing can be guessed from what is left. */
function* withholding(lines: Iterable<Sealed>, isShown: (details: string) => boolean): Generator<Sealed> {
  for (const line of lines) {
    yield line.details === null || isShown(line.details) ? line : { ...line, salt: null, details: null };
  }
}
