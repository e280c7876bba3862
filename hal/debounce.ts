import type { Clock } from "#base/clock.ts";

/** A level, and when it began by whatever clock the driver has, null where it has none. */
type Candidate = Readonly<{ level: boolean; atMs: number | null; cancel: () => void }>;

/**
 * Tells of a level only once it has stayed the same for `settleMs`, and of the same one only once. Where the driver
 * knows when an edge was, that counts: a process that stood still finds a whole press in its mailbox, and hears of it.
 */
export class Debounce implements Disposable {
  readonly #clock: Clock;
  readonly #settleMs: number;
  readonly #onStable: (level: boolean, atMs: number | null) => void;
  #stable: boolean | null = null;
  #candidate: Candidate | null = null;

  constructor(options: { clock: Clock; settleMs: number; onStable: (level: boolean, atMs: number | null) => void }) {
    this.#clock = options.clock;
    this.#settleMs = options.settleMs;
    this.#onStable = options.onStable;
  }

  feed(level: boolean, atMs: number | null = null): void {
    const before = this.#candidate;
    if (before?.level === level) return;
    this.#forget();
    if (before !== null && before.atMs !== null && atMs !== null && atMs - before.atMs >= this.#settleMs)
      this.#settle(before);
    if (level === this.#stable) return;
    const cancel = this.#clock.after(this.#settleMs, () => {
      this.#candidate = null;
      this.#settle({ level, atMs });
    });
    this.#candidate = { level, atMs, cancel };
  }

  /** What was read before counts for nothing: the next level is told of whichever it is. */
  reset(): void {
    this.#forget();
    this.#stable = null;
  }

  #settle({ level, atMs }: Omit<Candidate, "cancel">): void {
    this.#stable = level;
    this.#onStable(level, atMs);
  }

  #forget(): void {
    this.#candidate?.cancel();
    this.#candidate = null;
  }

  [Symbol.dispose](): void {
    this.#forget();
  }
}
