import type { Clock } from "#base/clock.ts";
import type { Button } from "#hal/hal.ts";

/**
 * What a command needs once the unit is handed over (before that the installer may do everything):
 * - `open`: nothing, it tells and changes nothing that is the owner's;
 * - `owner`: the button held for it; each hold is good for one command;
 * - `update`: the same, but one hold is good for one update, while its commands follow each other;
 * - `installer`: cannot be had any more, with the button or without: a factory reset comes first.
 */
export type Need = "open" | "owner" | "update" | "installer";

/**
 * Longer than anybody holds the button while they say something to the unit: whoever waits on the line for the owner to
 * unblock somebody gets nothing by it.
 */
export const HOLD_MS = 10_000;
/** So long after the hold a command may come. */
export const HELD_COUNTS_MS = 10_000;
/** An update that is silent for so long needs the button again. */
export const UPDATE_IDLE_MS = 60_000;

export type Verdict = "yes" | "hold-the-button" | "handed-over";

export type RightsOptions = Readonly<{ clock: Clock; isHandedOver: () => boolean }>;

/** Who may do what over the serial line. */
export class Rights {
  readonly #options: RightsOptions;
  #downSinceMs: number | null = null;
  #heldUntilMs: number | null = null;
  #updateLastMs: number | null = null;

  constructor(options: RightsOptions) {
    this.#options = options;
  }

  /** The owner's button from now on; returns how to stop listening to it. */
  watch(button: Button): () => void {
    return button.onChange((change) => {
      const nowMs = this.#options.clock.monotonicMs();
      if (change.type === "down") this.#downSinceMs = nowMs;
      if (change.type !== "up") return;
      // A hold that was spent while it lasted counts no second time when it ends.
      if (this.#downSinceMs !== null && change.heldMs >= HOLD_MS) this.#heldUntilMs = nowMs;
      this.#downSinceMs = null;
    });
  }

  may(need: Need): Verdict {
    if (need === "open" || !this.#options.isHandedOver()) return "yes";
    switch (need) {
      case "installer":
        return "handed-over";
      case "owner":
        return this.#spendHold() ? "yes" : "hold-the-button";
      case "update":
        return this.#mayUpdate() ? "yes" : "hold-the-button";
    }
  }

  #mayUpdate(): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    const goesOn = this.#updateLastMs !== null && nowMs - this.#updateLastMs <= UPDATE_IDLE_MS;
    if (!goesOn && !this.#spendHold()) return false;
    this.#updateLastMs = nowMs;
    return true;
  }

  #spendHold(): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    const isHeld = this.#downSinceMs !== null && nowMs - this.#downSinceMs >= HOLD_MS;
    const wasHeld = this.#heldUntilMs !== null && nowMs - this.#heldUntilMs <= HELD_COUNTS_MS;
    if (!isHeld && !wasHeld) return false;
    this.#downSinceMs = null;
    this.#heldUntilMs = null;
    return true;
  }
}
