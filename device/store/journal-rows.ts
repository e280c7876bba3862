import * as v from "valibot";
import type { AccountId } from "../gate/book.ts";
import type { Db } from "./db.ts";
import { type Sealed, STRANDS, type Strand } from "./journal-chain.ts";
import type { SignedBytes } from "./journal-checkpoint.ts";
import { type JournalEntry, readDetails } from "./journal-line.ts";

type Value = string | number | Uint8Array | null;

/** The journal's tables, one owner's part of them. Every method throws where the disk refuses. */
export class JournalRows {
  readonly #db: Db;
  readonly #owner: AccountId;

  constructor(db: Db, owner: AccountId) {
    this.#db = db;
    this.#owner = owner;
  }

  transaction(work: () => void): void {
    this.#db.transaction(work)();
  }

  insert(line: Sealed): void {
    this.#run(
      "INSERT INTO journal (owner, strand, number, salt, details, commitment, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
      line.strand,
      ...chainedColumns(line),
    );
  }

  /** Writes how far a count has come; it has no place in the chain yet. */
  putOpen(fold: string, details: string): void {
    this.#run(
      `INSERT INTO journal (owner, strand, fold, details) VALUES (?, 'counted', ?, ?)
       ON CONFLICT (owner, fold) DO UPDATE SET details = excluded.details`,
      fold,
      details,
    );
  }

  /** The counts that stand open: what an earlier start left, once this one has none. */
  open(): { fold: string; details: string }[] {
    const rows = this.#all("SELECT fold, details FROM journal WHERE owner = ? AND fold IS NOT NULL ORDER BY id");
    return rows.map((row) => v.parse(OpenRow, row));
  }

  /** Gives a count its place in the chain. */
  closeOpen(fold: string, line: Sealed): void {
    this.#run("INSERT INTO journal (owner, strand, fold) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", line.strand, fold);
    this.#db
      .prepare(
        `UPDATE journal SET number = ?, salt = ?, details = ?, commitment = ?, hash = ?, fold = NULL
         WHERE owner = ? AND fold = ?`,
      )
      .run(...chainedColumns(line), this.#owner, fold);
  }

  /** Newest first; lines whose details are gone, or cannot be read, are left out. */
  page(limit: number, before: number): JournalEntry[] {
    const rows = this.#all(
      `SELECT id, number, fold, details FROM journal WHERE owner = ? AND id < ? AND details IS NOT NULL
       ORDER BY id DESC LIMIT ?`,
      before,
      limit,
    );
    return rows.flatMap((row) => {
      const { id, number, fold, details } = v.parse(PageRow, row);
      const line = readDetails(details);
      const chain = number !== null ? "closed" : fold === null ? "before" : "open";
      return line ? [{ ...line, id, chain }] : [];
    });
  }

  /** The whole chain, each strand by its numbers. */
  *chained(): Generator<Sealed> {
    for (const strand of STRANDS) {
      const rows = this.#db
        .prepare(
          `SELECT strand, number, salt, details, commitment, hash FROM journal
           WHERE owner = ? AND strand = ? AND number IS NOT NULL ORDER BY number`,
        )
        .iterate(this.#owner, strand);
      for (const row of rows) yield v.parse(ChainedRow, row);
    }
  }

  /** Lines from before the chain, oldest first. */
  before(): string[] {
    const rows = this.#all(
      "SELECT details FROM journal WHERE owner = ? AND number IS NULL AND fold IS NULL AND details IS NOT NULL ORDER BY id",
    );
    return rows.map((row) => v.parse(DetailsRow, row).details);
  }

  last(strand: Strand): Sealed | null {
    const sql = `SELECT strand, number, salt, details, commitment, hash FROM journal
      WHERE owner = ? AND strand = ? AND number IS NOT NULL ORDER BY number DESC LIMIT 1`;
    const row = this.#db.prepare(sql).get(this.#owner, strand);
    return row === undefined ? null : v.parse(ChainedRow, row);
  }

  countOf(strand: Strand): number {
    const row = this.#db
      .prepare("SELECT count(*) AS lines FROM journal WHERE owner = ? AND strand = ?")
      .get(this.#owner, strand);
    return v.parse(Count, row).lines;
  }

  /** Removes the oldest lines of a strand, those from before the chain first; says the last that went out of the chain. */
  removeOldest(strand: Strand, lines: number): { number: number; hash: Uint8Array } | null {
    const rows = this.#all(
      `DELETE FROM journal WHERE id IN (
         SELECT id FROM journal WHERE owner = ? AND strand = ? AND fold IS NULL
         ORDER BY number IS NOT NULL, number, id LIMIT ?)
       RETURNING number, hash`,
      strand,
      lines,
    ).map((row) => v.parse(RemovedRow, row));
    let last: { number: number; hash: Uint8Array } | null = null;
    for (const { number, hash } of rows) {
      if (number !== null && hash !== null && number > (last?.number ?? 0)) last = { number, hash };
    }
    return last;
  }

  /** Takes the details from every line that `isAbout` finds; says of how many. They are overwritten, not only unlinked. */
  forget(isAbout: (details: string) => boolean): number {
    this.#db.pragma("secure_delete = ON");
    const found: number[] = [];
    for (const row of this.#all("SELECT id, details FROM journal WHERE owner = ? AND details IS NOT NULL")) {
      const { id, details } = v.parse(AboutRow, row);
      if (isAbout(details)) found.push(id);
    }
    this.transaction(() => {
      const empty = this.#db.prepare(
        "UPDATE journal SET salt = NULL, details = NULL WHERE id = ? AND number IS NOT NULL",
      );
      const remove = this.#db.prepare("DELETE FROM journal WHERE id = ? AND number IS NULL");
      for (const id of found) {
        empty.run(id);
        remove.run(id);
      }
    });
    // What was overwritten stands in the write-ahead log still.
    this.#db.pragma("wal_checkpoint(TRUNCATE)");
    return found.length;
  }

  /** Oldest first. */
  checkpoints(): SignedBytes[] {
    const rows = this.#all(
      "SELECT signed, signature, certificate FROM journal_checkpoint WHERE owner = ? ORDER BY seq",
    );
    return rows.map((row) => {
      const { signed: bytes, ...rest } = v.parse(CheckpointRow, row);
      return { bytes, ...rest };
    });
  }

  lastSeq(): number {
    const [row] = this.#all("SELECT coalesce(max(seq), 0) AS seq FROM journal_checkpoint WHERE owner = ?");
    return v.parse(Seq, row).seq;
  }

  putCheckpoint(seq: number, { bytes, signature, certificate }: SignedBytes, keep: number): void {
    this.#run(
      "INSERT INTO journal_checkpoint (owner, seq, signed, signature, certificate) VALUES (?, ?, ?, ?, ?)",
      seq,
      bytes,
      signature,
      certificate,
    );
    this.#run("DELETE FROM journal_checkpoint WHERE owner = ? AND seq <= ?", seq - keep);
  }

  #run(sql: string, ...values: readonly Value[]): void {
    this.#db.prepare(sql).run(this.#owner, ...values);
  }

  #all(sql: string, ...values: readonly Value[]): unknown[] {
    return this.#db.prepare(sql).all(this.#owner, ...values);
  }
}

function chainedColumns({ number, salt, details, commitment, hash }: Sealed): Value[] {
  return [number, salt, details, commitment, hash];
}

const Bytes = v.pipe(
  v.instance(Uint8Array),
  v.transform((bytes) => new Uint8Array(bytes)),
);
const ChainedRow = v.strictObject({
  strand: v.picklist(STRANDS),
  number: v.number(),
  salt: v.nullable(Bytes),
  details: v.nullable(v.string()),
  // Only somebody else can have taken these away: what is empty fits nothing, and is found.
  commitment: v.fallback(Bytes, new Uint8Array()),
  hash: v.fallback(Bytes, new Uint8Array()),
});
const PageRow = v.strictObject({
  id: v.number(),
  number: v.nullable(v.number()),
  fold: v.nullable(v.string()),
  details: v.string(),
});
const OpenRow = v.strictObject({ fold: v.string(), details: v.string() });
const DetailsRow = v.strictObject({ details: v.string() });
const AboutRow = v.strictObject({ id: v.number(), details: v.string() });
const RemovedRow = v.strictObject({ number: v.nullable(v.number()), hash: v.nullable(Bytes) });
const CheckpointRow = v.strictObject({ signed: Bytes, signature: Bytes, certificate: Bytes });
const Count = v.strictObject({ lines: v.number() });
const Seq = v.strictObject({ seq: v.number() });
