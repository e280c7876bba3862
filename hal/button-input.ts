import type { Clock } from "#base/clock.ts";
import type { Button, ButtonChange } from "./hal.ts";
import { Listeners } from "./listeners.ts";

/** A release within this time is a press (hal.ts). */
const PRESS_WITHIN_MS = 500;

/** Makes down, up and press of what a driver reads; it is debounced already. */
export class ButtonInput implements Button {
  readonly #clock: Clock;
  readonly #listeners = new Listeners<ButtonChange>();
  #downSinceMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get held(): boolean {
    return this.#downSinceMs !== null;
  }

  onChange(listener: (change: ButtonChange) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** The same again changes nothing. */
  set(down: boolean): void {
    if (!down) this.#up(true);
    else if (this.#downSinceMs === null) {
      this.#downSinceMs = this.#clock.monotonicMs();
      this.#listeners.tell({ type: "down" });
    }
  }

  /** It cannot be read any more: it counts as let go, and never as a press. */
  lose(): void {
    this.#up(false);
  }

  close(): void {
    this.#listeners.clear();
  }

  #up(mayPress: boolean): void {
    if (this.#downSinceMs === null) return;
    const heldMs = this.#clock.monotonicMs() - this.#downSinceMs;
    this.#downSinceMs = null;
    this.#listeners.tell({ type: "up", heldMs });
    if (mayPress && heldMs <= PRESS_WITHIN_MS) this.#listeners.tell({ type: "press" });
  }
}
