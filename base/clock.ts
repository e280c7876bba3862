/** Time as the unit sees it, passed in so that tests can hold it still. */
export interface Clock {
  /** Wall clock, milliseconds since 1970 (UTC). May jump. */
  nowMs(): number;
  /** Monotonic clock, milliseconds since some fixed point of this process. Never jumps back. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`, 25 days at most; returns how to cancel it. */
  after(delayMs: number, run: () => void): () => void;
}

/** What a timer of Node's can count: it runs at once where it is asked for more. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(delayMs, LONGEST_DELAY_MS));
    return () => clearTimeout(timer);
  },
};
