/** From the first likeness on: by then the word is over, and is surely heard where it is clear. */
export const LIKENESS_STEPS = 4;

/** Finds what may be the wake word, but is not clear enough to be taken for it by itself. */
export class WakeDoubt {
  readonly #below: number;
  #left = 0;

  /** `below`: what lies no further below the threshold is in doubt. */
  constructor(below: number) {
    this.#below = below;
  }

  /** Takes each step's score, none of which is above the threshold; true when it is time to ask somebody else. */
  hear(score: number): boolean {
    if (this.#left === 0) {
      if (score > -this.#below) this.#left = LIKENESS_STEPS;
      return false;
    }
    this.#left -= 1;
    return this.#left === 0;
  }

  /** The word was heard, or nothing was. */
  settle(): void {
    this.#left = 0;
  }
}
