import type { Frame16k } from "../frame.ts";
import { FULL_SCALE, levelDbfs, peakOf, SILENCE_DBFS } from "../level.ts";

/** What one reading covers: 100 ms. */
const FRAMES_10MS = 10;
/** How long the highest peak stays, before it falls by 2 dB a reading. */
const HOLD_READINGS = 15;
const FALL_DB = 2;
/** A real microphone is never digitally silent for a second. */
const SILENT_READINGS = 10;

export type Reading = Readonly<{
  levelDbfs: number;
  peakDbfs: number;
  holdDbfs: number;
  /** Somewhere in it the highest or lowest value was reached, so that something above it was cut off. */
  clipped: boolean;
  /** For a second there was nothing but zeros: a microphone that is cut off. */
  silent: boolean;
}>;

/** Measures a microphone: one reading every 100 ms. */
export class Meter {
  readonly #onReading: (reading: Reading) => void;
  readonly #samples = new Int16Array(FRAMES_10MS * 160);
  #filled = 0;
  #holdDbfs = SILENCE_DBFS;
  #held = 0;
  #silentReadings = 0;

  constructor(onReading: (reading: Reading) => void) {
    this.#onReading = onReading;
  }

  push(frame: Frame16k): void {
    this.#samples.set(frame, this.#filled);
    this.#filled += frame.length;
    if (this.#filled < this.#samples.length) return;
    this.#filled = 0;
    this.#onReading(this.#read());
  }

  #read(): Reading {
    const peak = peakOf(this.#samples);
    const peakDbfs = peak === 0 ? SILENCE_DBFS : 20 * Math.log10(peak / FULL_SCALE);
    this.#held += 1;
    if (this.#held > HOLD_READINGS) this.#holdDbfs -= FALL_DB;
    if (peakDbfs >= this.#holdDbfs) [this.#holdDbfs, this.#held] = [peakDbfs, 0];
    this.#silentReadings = peak === 0 ? this.#silentReadings + 1 : 0;
    return {
      levelDbfs: levelDbfs(this.#samples),
      peakDbfs,
      holdDbfs: this.#holdDbfs,
      clipped: peak >= FULL_SCALE,
      silent: this.#silentReadings >= SILENT_READINGS,
    };
  }
}
