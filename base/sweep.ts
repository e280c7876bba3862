import type { Clock } from "./clock.ts";

/** What a call leaves behind is swept out so long after it, or later where the unit is busy then. */
const AFTER_MS = 3_000;
/** Whatever else there is, so often: by the clock, never because of what came from outside. */
const EVERY_MS = 2 * 60_000;

type SweepOptions = Readonly<{
  clock: Clock;
  /** Nobody speaks, listens or talks: some 20 ms in which nothing moves would disturb nobody. */
  isQuiet: () => boolean;
  /** A whole garbage collection; does nothing where Node was not told to allow it. */
  collect: () => void;
}>;

/**
 * Sweeps out what is not needed any more. V8 sees of an ended call no more than a few small objects and lets hundreds of
 * them wait, with all the memory of a library that hangs on them; and where little happens it hardly looks at all, so
 * that ever more pages of its heap are touched: without this, memory grows by some 20 MB before it comes back.
 */
export class Sweep implements Disposable {
  readonly #options: SweepOptions;
  #cancel: () => void = () => undefined;

  constructor(options: SweepOptions) {
    this.#options = options;
    this.#in(EVERY_MS);
  }

  /** A call ended. */
  later(): void {
    this.#in(AFTER_MS);
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }

  #in(delayMs: number): void {
    const { clock, isQuiet, collect } = this.#options;
    this.#cancel();
    this.#cancel = clock.after(delayMs, () => {
      const quiet = isQuiet();
      if (quiet) collect();
      this.#in(quiet ? EVERY_MS : AFTER_MS);
    });
  }
}
