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
import { inPieces } from "./pieces.ts";

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
  const verification = new Verification(account);
  for (const each of checkpoints) verification.takeCheckpoint(each);
  for (const line of lines) verification.takeLine(line);
  return verification.end();
}

/** The same, while whatever else is to be done goes on in between. */
export async function verifyInPieces({ account, lines, checkpoints }: JournalRecords): Promise<JournalReport> {
  const verification = new Verification(account);
  for await (const each of inPieces(checkpoints, 16)) verification.takeCheckpoint(each);
  for await (const line of inPieces(lines)) verification.takeLine(line);
  return verification.end();
}

/** Every checkpoint, then every line. */
class Verification {
  readonly #account: AccountId;
  readonly #breaks = new Breaks();
  readonly #signed: Signed[] = [];
  /** The checkpoint that the next one must follow; null where that is not known. */
  #before: Readonly<{ seq: number; hash: Uint8Array }> | null = null;
  #checkpoints = 0;
  #walks: Readonly<Record<Strand, Walk>> | null = null;

  constructor(account: AccountId) {
    this.#account = account;
  }

  takeCheckpoint(each: SignedBytes): void {
    this.#checkpoints += 1;
    const read = readCheckpoint(each, this.#account);
    if (!read.ok) {
      this.#breaks.add(`the checkpoint at place ${this.#checkpoints} does not count: ${read.why}`);
      this.#before = null;
      return;
    }
    const { checkpoint, certificate } = read;
    const before = this.#before;
    const follows = before === null || (checkpoint.seq === before.seq + 1 && isSame(checkpoint.previous, before.hash));
    if (!follows) this.#breaks.add(`checkpoint ${checkpoint.seq} does not follow the one before it`);
    this.#before = { seq: checkpoint.seq, hash: checkpointHash(each.bytes) };
    this.#signed.push({ checkpoint, unit: certificate.unit, certificateSeq: certificate.seq });
  }

  takeLine(line: Sealed): void {
    this.#walking()[line.strand].take(line);
  }

  end(): JournalReport {
    const walks = this.#walking();
    const strands = { single: walks.single.end(), counted: walks.counted.end() };
    const latest = this.#signed.at(-1);
    const signedTo = (strand: Strand) => latest?.checkpoint.strands[strand].last ?? 0;
    const { said, count } = this.#breaks;
    return {
      holds: count === 0,
      breaks: said,
      more: count - said.length,
      strands,
      forgottenOnRecord: walks.single.forgottenOnRecord,
      signed: latest ? briefly(latest) : null,
      unsigned: STRANDS.reduce((sum, each) => sum + Math.max(0, strands[each].last - signedTo(each)), 0),
    };
  }

  #walking(): Readonly<Record<Strand, Walk>> {
    this.#walks ??= {
      single: new Walk("single", this.#account, this.#signed, this.#breaks),
      counted: new Walk("counted", this.#account, this.#signed, this.#breaks),
    };
    return this.#walks;
  }
}

class Breaks {
  readonly said: string[] = [];
  count = 0;

  add(words: string): void {
    this.count += 1;
    if (this.said.length < MAX_BREAKS) this.said.push(words);
  }
}

type Signed = Readonly<{ checkpoint: Checkpoint; unit: string; certificateSeq: number }>;

function briefly({ checkpoint, unit, certificateSeq }: Signed): JournalReport["signed"] {
  return { atMs: checkpoint.atMs, seq: checkpoint.seq, unit, certificateSeq };
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
  // Few lines are: the others need not be read whole.
  const line = details.includes('"forget"') ? readDetails(details) : null;
  return line?.what === "change" && line.detail === "forget" ? line.count : 0;
}
