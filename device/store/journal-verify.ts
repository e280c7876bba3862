import type { AccountId } from "../gate/book.ts";
import {
  commitmentOf,
  emptyRange,
  hashAfter,
  isSame,
  type Sealed,
  STRANDS,
  type Strand,
  type StrandRange,
} from "./journal-chain.ts";
import { type Checkpoint, checkpointHash, readCheckpoint, type SignedBytes } from "./journal-checkpoint.ts";
import { readDetails } from "./journal-line.ts";

/** A journal as it is read from the database or from a file: nothing in it is believed. */
export type JournalRecords = Readonly<{
  account: AccountId;
  /** Each strand by its numbers. */
  lines: Iterable<Sealed>;
  /** Oldest first. */
  checkpoints: Iterable<SignedBytes>;
}>;

/** What holds of a journal, and where it breaks. */
export type JournalReport = Readonly<{
  holds: boolean;
  /** Each break in words; `more` is how many others there are. */
  breaks: readonly string[];
  more: number;
  /** The lines that are there, of each strand; `last` is how many there ever were. */
  strands: Readonly<Record<Strand, Readonly<{ first: number; last: number; forgotten: number }>>>;
  /** Lines whose forgetting the owner's journal records itself. */
  forgottenOnRecord: number;
  /** The newest checkpoint that holds; null where there is none. */
  signed: Readonly<{ atMs: number; seq: number; unit: string; certificateSeq: number }> | null;
  /** Lines after that checkpoint: were some at the end gone, nothing would show it. */
  unsigned: number;
}>;

const MAX_BREAKS = 20;

/** What lines of a strand are called in words. */
const CALLED: Readonly<Record<Strand, string>> = { single: "line", counted: "count" };

/** Reads a whole journal, and finds what was altered, dropped, moved or put in. Pure; never throws on what it reads. */
export function verifyRecords({ account, lines, checkpoints }: JournalRecords): JournalReport {
  const breaks = new Breaks();
  const signed = readCheckpoints(account, checkpoints, breaks);
  const latest = signed.at(-1);
  const walks = {
    single: new Walk("single", account, signed, breaks),
    counted: new Walk("counted", account, signed, breaks),
  };
  for (const line of lines) walks[line.strand].take(line);
  const strands = { single: walks.single.end(), counted: walks.counted.end() };
  const unsigned = STRANDS.reduce(
    (sum, strand) => sum + Math.max(0, strands[strand].last - (latest?.checkpoint.strands[strand].last ?? 0)),
    0,
  );
  return {
    holds: breaks.count === 0,
    breaks: breaks.said,
    more: breaks.count - breaks.said.length,
    strands,
    forgottenOnRecord: walks.single.forgottenOnRecord,
    signed: latest
      ? { atMs: latest.checkpoint.atMs, seq: latest.checkpoint.seq, unit: latest.unit, certificateSeq: latest.certSeq }
      : null,
    unsigned,
  };
}

class Breaks {
  readonly said: string[] = [];
  count = 0;

  add(words: string): void {
    this.count += 1;
    if (this.said.length < MAX_BREAKS) this.said.push(words);
  }
}

type Signed = Readonly<{ checkpoint: Checkpoint; unit: string; certSeq: number }>;

function readCheckpoints(account: AccountId, all: Iterable<SignedBytes>, breaks: Breaks): Signed[] {
  const good: Signed[] = [];
  let before: Readonly<{ seq: number; hash: Uint8Array }> | null = null;
  let place = 0;
  for (const each of all) {
    place += 1;
    const read = readCheckpoint(each, account);
    if (!read.ok) {
      breaks.add(`the checkpoint at place ${place} does not count: ${read.why}`);
      before = null;
      continue;
    }
    const { checkpoint } = read;
    const follows = before === null || (checkpoint.seq === before.seq + 1 && isSame(checkpoint.previous, before.hash));
    if (!follows) breaks.add(`checkpoint ${checkpoint.seq} does not follow the one before it`);
    before = { seq: checkpoint.seq, hash: checkpointHash(each.bytes) };
    good.push({ checkpoint, unit: read.certificate.unit, certSeq: read.certificate.seq });
  }
  return good;
}

/** One way along a strand, from its first line to its last. */
class Walk {
  readonly #strand: Strand;
  readonly #breaks: Breaks;
  /** What checkpoints say of this strand, by the last line that each covers; more than one may cover the same. */
  readonly #signed: readonly Readonly<{ seq: number; range: StrandRange }>[];
  readonly #start: StrandRange;
  #next: number;
  /** What the next line must follow; null where that is not known any more. */
  #hash: Uint8Array | null;
  #checked = 0;
  #forgotten = 0;
  forgottenOnRecord = 0;

  constructor(strand: Strand, account: AccountId, signed: readonly Signed[], breaks: Breaks) {
    this.#strand = strand;
    this.#breaks = breaks;
    const ranges = signed.map(({ checkpoint }) => ({ seq: checkpoint.seq, range: checkpoint.strands[strand] }));
    this.#start = ranges.at(-1)?.range ?? emptyRange(account, strand);
    this.#next = this.#start.first;
    this.#hash = this.#start.before;
    // What ended before the first line that is kept can no longer be compared with anything.
    this.#signed = ranges.filter(({ range }) => range.last >= this.#start.first - 1);
    this.#compare(this.#start.first - 1, this.#start.before);
  }

  take(line: Sealed): void {
    if (line.number < this.#next) {
      this.#breaks.add(`${this.#name(line.number)} stands where it does not belong, or twice`);
      return;
    }
    if (line.number > this.#next) this.#missing(this.#next, line.number - 1);
    this.#judge(line);
    this.#hash = line.hash;
    this.#next = line.number + 1;
    this.#compare(line.number, line.hash);
    if (line.details === null) this.#forgotten += 1;
    else this.forgottenOnRecord += countForgotten(line.details);
  }

  end(): { first: number; last: number; forgotten: number } {
    const signedTo = Math.max(0, ...this.#signed.map(({ range }) => range.last));
    if (signedTo >= this.#next) this.#missing(this.#next, signedTo);
    return { first: this.#start.first, last: this.#next - 1, forgotten: this.#forgotten };
  }

  #judge({ number, salt, details, commitment, hash }: Sealed): void {
    const name = this.#name(number);
    if ((salt === null) !== (details === null)) this.#breaks.add(`${name} is half forgotten`);
    else if (salt && details !== null && !isSame(commitmentOf(salt, details), commitment)) {
      this.#breaks.add(`${name} was altered: it is not what was written down then`);
    }
    if (this.#hash && !isSame(hashAfter(this.#hash, number, commitment), hash)) {
      this.#breaks.add(`${name} does not follow from the one before it: one of them is not what it was`);
    }
  }

  #missing(from: number, to: number): void {
    const what = from === to ? `${this.#name(from)} is` : `${CALLED[this.#strand]}s ${from} to ${to} are`;
    this.#breaks.add(`${what} missing`);
    this.#hash = null;
  }

  /** Compares the chain with every checkpoint that ends at this line. */
  #compare(number: number, hash: Uint8Array): void {
    for (let signed = this.#signed[this.#checked]; signed; signed = this.#signed[this.#checked]) {
      if (signed.range.last > number) return;
      if (signed.range.last === number && !isSame(signed.range.head, hash)) {
        const upTo = `what stands up to ${this.#name(number)}`;
        this.#breaks.add(`${upTo} is not what checkpoint ${signed.seq} was signed over`);
      }
      this.#checked += 1;
    }
  }

  #name(number: number): string {
    return `${CALLED[this.#strand]} ${number}`;
  }
}

function countForgotten(details: string): number {
  const line = readDetails(details);
  return line?.what === "change" && line.detail === "forget" ? line.count : 0;
}
