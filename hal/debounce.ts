import type { Clock } from "#base/clock.ts";

/** Tells of a level only once it has stayed the same for `settleMs`, and of the same one only once. */
export class Debounce implements Disposable {
  readonly #clock: Clock;
  readonly #settleMs: number;
  readonly #onStable: (level: boolean) => void;
  #stable: boolean | null = null;
  #candidate: { level: boolean; cancel: () => void } | null = null;

  constructor(options: { clock: Clock; settleMs: number; onStable: (level: boolean) => void }) {
    this.#clock = options.clock;
    this.#settleMs = options.settleMs;
    this.#onStable = options.onStable;
  }

  feed(level: boolean): void {
    if (this.#candidate?.level === level) return;
    this.#forget();
    if (level === this.#stable) return;
    const cancel = this.#clock.after(this.#settleMs, () => {
      this.#candidate = null;
      this.#stable = level;
      this.#onStable(level);
    });
    this.#candidate = { level, cancel };
  }

  /** What was read before counts for nothing: the next level is told of whichever it is. */
  reset(): void {
    this.#forget();
    this.#stable = null;
  }

  #forget(): void {
    this.#candidate?.cancel();
    this.#candidate = null;
  }

  [Symbol.dispose](): void {
    this.#forget();
  }
}
