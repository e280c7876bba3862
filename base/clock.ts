/** Time as the unit sees it, passed in so that tests can hold it still. */
export interface Clock {
  /** Wall clock, milliseconds since 1970 (UTC). May jump. */
  nowMs(): number;
  /** Monotonic clock, milliseconds since some fixed point of this process. Never jumps back. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`; returns how to cancel it. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
