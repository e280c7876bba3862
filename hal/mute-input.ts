import type { Clock } from "#base/clock.ts";
import type { MuteSwitch } from "./hal.ts";
import { Listeners } from "./listeners.ts";

/**
 * The mute switch as a driver reads it. It engages at the first sign, and lets go only once it has been read as open
 * for `settleMs` without a break: whatever bounces, flaps or lies is muted.
 */
export class MuteInput implements MuteSwitch {
  readonly #clock: Clock;
  readonly #settleMs: number;
  readonly #listeners = new Listeners<boolean>();
  #engaged: boolean;
  #cancelLetGo: (() => void) | null = null;

  /** `engaged`: what it counts as until it is read for the first time. */
  constructor(options: { clock: Clock; settleMs: number; engaged: boolean }) {
    this.#clock = options.clock;
    this.#settleMs = options.settleMs;
    this.#engaged = options.engaged;
  }

  get engaged(): boolean {
    return this.#engaged;
  }

  onChange(listener: (engaged: boolean) => void): () => void {
    return this.#listeners.add(listener);
  }

  set(engaged: boolean): void {
    if (engaged) {
      this.#cancelLetGo?.();
      this.#cancelLetGo = null;
      this.#become(true);
    } else if (this.#settleMs === 0) this.#become(false);
    else if (this.#engaged && this.#cancelLetGo === null)
      this.#cancelLetGo = this.#clock.after(this.#settleMs, () => {
        this.#cancelLetGo = null;
        this.#become(false);
      });
  }

  close(): void {
    this.#cancelLetGo?.();
    this.#cancelLetGo = null;
    this.#listeners.clear();
  }

  #become(engaged: boolean): void {
    if (this.#engaged === engaged) return;
    this.#engaged = engaged;
    this.#listeners.tell(engaged);
  }
}
