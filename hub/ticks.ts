import type { Clock } from "#base/clock.ts";

/**
 * The grid on which the hub speaks: wall-clock multiples of 20 ms, so that when something is said never depends on
 * what else the hub had to do for it.
 */
export const TICK_MS = 20;

/** A grid of wall-clock moments: multiples of `everyMs`, and `phaseMs` later. */
export type Grid = Readonly<{ everyMs: number; phaseMs: number }>;

/** Arrivals are written, and senders answered. */
export const ANSWERING: Grid = { everyMs: TICK_MS, phaseMs: 0 };
/** Routing: far from the moments at which senders are answered. */
export const ROUTING: Grid = { everyMs: TICK_MS, phaseMs: 10 };
/** What was delivered or discarded leaves the disk. When depends on addressees, so nothing waits for it. */
export const SWEEPING: Grid = { everyMs: 100, phaseMs: 15 };

/** How long until the next moment of a grid that lies strictly after now. */
export function untilTick(nowMs: number, { everyMs, phaseMs }: Grid): number {
  return everyMs - ((((nowMs - phaseMs) % everyMs) + everyMs) % everyMs);
}

/** Runs something at the next tick when it was asked to, once however often it was asked. */
export class Ticker {
  readonly #clock: Clock;
  readonly #grid: Grid;
  readonly #run: () => void;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, grid: Grid, run: () => void) {
    this.#clock = clock;
    this.#grid = grid;
    this.#run = run;
  }

  arm(): void {
    if (this.#cancel) return;
    this.#cancel = this.#clock.after(untilTick(this.#clock.nowMs(), this.#grid), () => {
      this.#cancel = null;
      this.#run();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
