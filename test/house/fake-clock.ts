import type { Clock } from "#base/clock.ts";

/** A clock that stands still until it is moved; what was to happen on the way happens then, in order. */
export class FakeClock implements Clock {
  readonly #timers = new Set<{ atMs: number; run: () => void }>();
  #nowMs: number;
  #startMs: number;

  constructor(nowMs = Date.UTC(2026, 10, 23, 12)) {
    this.#nowMs = nowMs;
    this.#startMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** The wall clock is set; no time passes by it. */
  set(nowMs: number): void {
    const stepMs = nowMs - this.#nowMs;
    this.#nowMs = nowMs;
    this.#startMs += stepMs;
    for (const timer of this.#timers) timer.atMs += stepMs;
  }

  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.atMs <= untilMs);
      const [next] = due.toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = untilMs;
  }
}
