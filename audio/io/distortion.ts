import { FULL_SCALE, gainOfDb } from "../level.ts";

/** Takes 12 Hz and below away: a loudspeaker does not stand still off its centre. */
const STEADY = 0.995;
/** Softer than this nothing is left of a sample. */
const NOTHING = 1e-3;

/**
 * A loudspeaker that bends what it plays, without memory: `y = x + a x² - b x³`, as far as that rises; what is louder
 * stays there (a soft clip). Second and third harmonic of a sine with a peak of `atDbfs` are equally strong and
 * together `thdPercent` of the fundamental. What they have above 8 kHz folds back, as in a converter without filter.
 */
export class Distortion {
  readonly #square: number;
  readonly #cube: number;
  readonly #lowest: number;
  readonly #highest: number;
  #lastBent = 0;
  #last = 0;

  constructor(thdPercent: number, atDbfs: number) {
    const peak = FULL_SCALE * gainOfDb(atDbfs);
    const each = thdPercent / 100 / Math.SQRT2;
    // x = p sin: the cube gives p³/4 of the third and takes 3p³/4 from the first; the square gives p²/2 of the second.
    const bend = (4 * each) / (1 + 3 * each);
    this.#cube = bend / peak ** 2;
    this.#square = (2 * each * (1 - 0.75 * bend)) / peak;
    const root = Math.sqrt(this.#square ** 2 + 3 * this.#cube);
    this.#lowest = this.#cube === 0 ? -Infinity : (this.#square - root) / (3 * this.#cube);
    this.#highest = this.#cube === 0 ? Infinity : (this.#square + root) / (3 * this.#cube);
  }

  /** One sample of a stream at 16 kHz, in units of 16-bit samples. */
  bend(sample: number): number {
    const x = Math.max(this.#lowest, Math.min(this.#highest, sample));
    const bent = x + this.#square * x * x - this.#cube * x * x * x;
    const moved = bent - this.#lastBent + STEADY * this.#last;
    this.#lastBent = bent;
    this.#last = Math.abs(moved) < NOTHING ? 0 : moved;
    return this.#last;
  }
}
