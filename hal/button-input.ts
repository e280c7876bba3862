import type { Clock } from "#base/clock.ts";
import type { Button, ButtonChange } from "./hal.ts";
import { Listeners } from "./listeners.ts";

/** A release within this time is a press (hal.ts). */
const PRESS_WITHIN_MS = 500;

/** Makes down, up and press of what a driver reads; it is debounced already. */
export class ButtonInput implements Button {
  readonly #clock: Clock;
  readonly #listeners = new Listeners<ButtonChange>();
  /** By our clock, and by the driver's where it has one. */
  #down: Readonly<{ sinceMs: number; atMs: number | null }> | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get held(): boolean {
    return this.#down !== null;
  }

  onChange(listener: (change: ButtonChange) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** `atMs`: when, by the driver's clock. The same again changes nothing. */
  set(down: boolean, atMs: number | null = null): void {
    if (!down) this.#up(true, atMs);
    else if (this.#down === null) {
      this.#down = { sinceMs: this.#clock.monotonicMs(), atMs };
      this.#listeners.tell({ type: "down" });
    }
  }

  /** It cannot be read any more: it counts as let go, and never as a press. */
  lose(): void {
    this.#up(false, null);
  }

  close(): void {
    this.#listeners.clear();
  }

  #up(mayPress: boolean, atMs: number | null): void {
    const down = this.#down;
    if (down === null) return;
    this.#down = null;
    const known = atMs !== null && down.atMs !== null;
    const heldMs = known ? atMs - down.atMs : this.#clock.monotonicMs() - down.sinceMs;
    this.#listeners.tell({ type: "up", heldMs });
    if (mayPress && heldMs <= PRESS_WITHIN_MS) this.#listeners.tell({ type: "press" });
  }
}
