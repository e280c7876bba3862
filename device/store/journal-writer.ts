import type { Clock } from "#base/clock.ts";
import type { AccountId } from "../gate/book.ts";
import { emptyRange, type Sealed, STRANDS, type Strand, type StrandRange, seal } from "./journal-chain.ts";
import {
  type Checkpoint,
  checkpointHash,
  type JournalSigner,
  readCheckpoint,
  type SignedBytes,
  signCheckpoint,
} from "./journal-checkpoint.ts";
import { type CountedLine, writeDetails } from "./journal-line.ts";
import type { JournalRows } from "./journal-rows.ts";

/** What goes to the disk at once. */
export type Batch = Readonly<{
  singles: readonly CountedLine[];
  /** Counts that go on. */
  open: readonly Readonly<{ key: string; line: CountedLine }>[];
  /** Counts whose minute is over, as JSON. */
  closed: readonly Readonly<{ key: string; details: string }>[];
  /** Sign what there is, however little. */
  sign: boolean;
}>;

/** A segment ends after so many lines, or so long after its first line. */
const SEGMENT_LINES = 64;
const SEGMENT_MS = 600_000;
/** Older ones are not needed: each says all that they said. */
const KEPT_CHECKPOINTS = 256;

type State = Readonly<{
  strands: Readonly<Record<Strand, StrandRange>>;
  seq: number;
  previous: Uint8Array;
  unsigned: number;
}>;

type WriterOptions = Readonly<{ rows: JournalRows; signer: JournalSigner; clock: Clock; maxLines: number }>;

/** Reads where the chain stands. Throws where the tables cannot be read. */
export function openWriter(options: WriterOptions): JournalWriter {
  return new JournalWriter(options, readState(options.rows, options.signer));
}

/** Lines to a chain that ends in signed checkpoints. What stands in memory moves only once the disk has taken it. */
export class JournalWriter {
  readonly #rows: JournalRows;
  readonly #signer: JournalSigner;
  readonly #clock: Clock;
  readonly #maxLines: number;
  #state: State;
  #unsignedSinceMs: number;
  /** There are no more rows than this: counting them costs more than writing one. */
  #atMost = Number.POSITIVE_INFINITY;

  constructor(options: WriterOptions, state: State) {
    this.#rows = options.rows;
    this.#signer = options.signer;
    this.#clock = options.clock;
    this.#maxLines = options.maxLines;
    this.#state = state;
    // What an earlier start did not come to sign is signed with the first write.
    this.#unsignedSinceMs = this.#state.unsigned > 0 ? Number.NEGATIVE_INFINITY : options.clock.monotonicMs();
  }

  /** Lines that no checkpoint covers yet. */
  get unsigned(): number {
    return this.#state.unsigned;
  }

  get segmentIsOver(): boolean {
    if (this.unsigned === 0) return false;
    return this.unsigned >= SEGMENT_LINES || this.#clock.monotonicMs() - this.#unsignedSinceMs >= SEGMENT_MS;
  }

  /** One transaction. Throws where the disk refuses; nothing has happened then. */
  write({ singles, open, closed, sign }: Batch): void {
    let state = this.#state;
    this.#atMost += singles.length + open.length + closed.length;
    this.#rows.transaction(() => {
      for (const { key, details } of closed) {
        state = this.#append(state, "counted", details, (line) => this.#rows.closeOpen(key, line));
      }
      for (const { key, line } of open) this.#rows.putOpen(key, writeDetails(line));
      for (const line of singles) {
        state = this.#append(state, "single", writeDetails(line), (sealed) => this.#rows.insert(sealed));
      }
      const pruned = this.#prune(state);
      const due = (sign && state.unsigned > 0) || state.unsigned >= SEGMENT_LINES || this.segmentIsOver;
      state = due || pruned !== state ? this.#sign(pruned) : state;
    });
    if (this.#state.unsigned === 0) this.#unsignedSinceMs = this.#clock.monotonicMs();
    this.#state = state;
  }

  #append(state: State, strand: Strand, details: string, put: (line: Sealed) => void): State {
    const range = state.strands[strand];
    const line = seal(strand, range, details);
    put(line);
    const next: StrandRange = { ...range, last: line.number, head: line.hash };
    return { ...state, strands: { ...state.strands, [strand]: next }, unsigned: state.unsigned + 1 };
  }

  /** Counts may fill half of the journal before they push out anything else. A checkpoint says what was let go. */
  #prune(state: State): State {
    if (this.#atMost <= this.#maxLines) return state;
    const counted = this.#rows.countOf("counted");
    const single = this.#rows.countOf("single");
    this.#atMost = counted + single;
    if (this.#atMost <= this.#maxLines) return state;
    // A little more than needed, so that not every line from now on costs a checkpoint.
    const excess = counted + single - this.#maxLines + Math.min(SEGMENT_LINES, this.#maxLines >> 4);
    const fromCounted = Math.min(excess, Math.max(0, counted - Math.floor(this.#maxLines / 2)));
    const without = this.#removeOldest(state, "counted", fromCounted);
    return this.#removeOldest(without, "single", excess - fromCounted);
  }

  #removeOldest(state: State, strand: Strand, lines: number): State {
    const gone = lines > 0 ? this.#rows.removeOldest(strand, lines) : null;
    if (!gone) return state;
    const range: StrandRange = { ...state.strands[strand], first: gone.number + 1, before: gone.hash };
    return { ...state, strands: { ...state.strands, [strand]: range } };
  }

  #sign({ strands, seq, previous }: State): State {
    const { account } = this.#signer;
    const checkpoint = { account, seq: seq + 1, atMs: this.#clock.nowMs(), previous, strands };
    const signed = signCheckpoint(checkpoint, this.#signer);
    this.#rows.putCheckpoint(checkpoint.seq, signed, KEPT_CHECKPOINTS);
    return { strands, seq: checkpoint.seq, previous: checkpointHash(signed.bytes), unsigned: 0 };
  }
}

/** Goes on after the newest checkpoint that holds. What is broken stays so for all to see: nothing is mended here. */
function readState(rows: JournalRows, signer: JournalSigner): State {
  const signed = rows.checkpoints().toReversed();
  const known = newestThatHolds(signed, signer.account)?.strands;
  const rangeOf = (strand: Strand): StrandRange => {
    const range = known?.[strand] ?? emptyRange(signer.account, strand);
    const last = rows.last(strand);
    return last && last.number > range.last ? { ...range, last: last.number, head: last.hash } : range;
  };
  const strands = { single: rangeOf("single"), counted: rangeOf("counted") };
  const unsigned = STRANDS.reduce((sum, strand) => sum + strands[strand].last - (known?.[strand].last ?? 0), 0);
  const previous = signed[0] ? checkpointHash(signed[0].bytes) : new Uint8Array(32);
  return { strands, seq: rows.lastSeq(), previous, unsigned };
}

function newestThatHolds(newestFirst: readonly SignedBytes[], account: AccountId): Checkpoint | null {
  for (const each of newestFirst) {
    const read = readCheckpoint(each, account);
    if (read.ok) return read.checkpoint;
  }
  return null;
}
