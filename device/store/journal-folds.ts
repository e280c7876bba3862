import type { CountedLine, JournalLine } from "./journal-line.ts";

/** What strangers did in one minute, counted. Grows until its minute is over. */
export type Fold = {
  /** Names it among all that stand open. */
  readonly key: string;
  readonly minute: number;
  line: CountedLine;
  /** It has grown since it was last written. */
  dirty: boolean;
};

const MINUTE_MS = 60_000;
/**
 * Counts that name who it was: so many at once, and so many more with each minute; beyond that all are counted
 * together, so that many senders fill no journal. Those in the book have a budget that strangers cannot use up.
 */
const NAMED_AT_ONCE = 60;
const NAMED_A_MINUTE = 2;
/** What somebody is let in to do has a line of its own so often in a minute; what goes beyond is counted. */
const SINGLES_A_MINUTE = 6;
/** Counts that wait while the disk refuses; beyond that the oldest is lost. */
const MAX_FOLDS = 1_000;

export function minuteOf(atMs: number): number {
  return Math.floor(atMs / MINUTE_MS);
}

/**
 * Others decide how many verdicts there are, so those are counted: by account, act, reason, kind and minute. What the
 * owner did is never counted.
 */
export class MinuteFolds {
  readonly #prefix: string;
  readonly #folds = new Map<string, Fold>();
  readonly #singles = new Map<string, number>();
  #minute = Number.NaN;
  #budget = { known: NAMED_AT_ONCE, strangers: NAMED_AT_ONCE };
  #lost = 0;

  /** `prefix`: what no fold of an earlier start begins with. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  get size(): number {
    return this.#folds.size;
  }

  /** False for a line that must stand by itself. */
  takes(line: JournalLine): boolean {
    if (line.what !== "verdict") return false;
    if (line.act === "drop" || line.act === "hold") return true;
    this.#turn(minuteOf(line.atMs));
    const account = line.account ?? "";
    const singles = (this.#singles.get(account) ?? 0) + 1;
    this.#singles.set(account, singles);
    return singles > SINGLES_A_MINUTE;
  }

  count(line: JournalLine): void {
    const minute = minuteOf(line.atMs);
    this.#turn(minute);
    const { act, because, detail, outcome } = line;
    const key = [this.#prefix, minute, act, because, detail?.slice(0, 64), outcome].join(" ");
    const named = `${key} ${line.account ?? ""}`;
    if (this.#grow(named, line)) return;
    if (this.#spend(line)) {
      this.#put(named, minute, line);
      return;
    }
    const several = `${key} several`;
    if (!this.#grow(several, line)) {
      this.#put(several, minute, { ...line, account: undefined, person: undefined, several: true });
    }
  }

  /** Those that are to be written. */
  all(): readonly Fold[] {
    return [...this.#folds.values()];
  }

  remove(folds: readonly Fold[]): void {
    for (const { key } of folds) this.#folds.delete(key);
  }

  /** How many happenings were lost since this was last asked. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  #grow(key: string, { atMs }: JournalLine): boolean {
    const fold = this.#folds.get(key);
    if (!fold) return false;
    fold.line = { ...fold.line, count: fold.line.count + 1, lastMs: Math.max(fold.line.lastMs, atMs) };
    fold.dirty = true;
    return true;
  }

  #put(key: string, minute: number, line: JournalLine): void {
    this.#folds.set(key, { key, minute, line: { ...line, count: 1, lastMs: line.atMs }, dirty: true });
    if (this.#folds.size > MAX_FOLDS) this.#loseOldest();
  }

  /** Whether one more line may name who it was. */
  #spend({ person }: JournalLine): boolean {
    const whose = person === undefined ? "strangers" : "known";
    if (this.#budget[whose] === 0) return false;
    this.#budget[whose] -= 1;
    return true;
  }

  #turn(minute: number): void {
    if (minute === this.#minute) return;
    const passed = minute > this.#minute ? minute - this.#minute : 0;
    const refilled = (left: number) => Math.min(NAMED_AT_ONCE, left + passed * NAMED_A_MINUTE);
    this.#budget = { known: refilled(this.#budget.known), strangers: refilled(this.#budget.strangers) };
    this.#minute = minute;
    this.#singles.clear();
  }

  #loseOldest(): void {
    const [oldest] = this.#folds.values();
    if (!oldest) return;
    this.#lost += oldest.line.count;
    this.#folds.delete(oldest.key);
  }
}
