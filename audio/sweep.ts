import type { Clock } from "#base/clock.ts";

/** What a call leaves behind is swept out so long after it, or later where the unit is busy then. */
const AFTER_MS = 3_000;

type SweepOptions = Readonly<{
  clock: Clock;
  /** Nobody speaks, listens or talks: some 20 ms in which nothing moves would disturb nobody. */
  isQuiet: () => boolean;
  /** A whole garbage collection; does nothing where Node was not told to allow it. */
  collect: () => void;
}>;

/**
 * Sweeps out ended calls. V8 sees of each no more than a few small objects and lets hundreds of them wait, with all the
 * memory of a library that hangs on them: without this, memory grows by some 20 MB before it comes back.
 */
export class Sweep implements Disposable {
  readonly #options: SweepOptions;
  #cancel: () => void = () => undefined;

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  /** A call ended. */
  later(): void {
    const { clock, isQuiet, collect } = this.#options;
    this.#cancel();
    this.#cancel = clock.after(AFTER_MS, () => {
      if (isQuiet()) collect();
      else this.later();
    });
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }
}
