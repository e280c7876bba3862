import { PHONES } from "./phone-graph.ts";
import type { PhoneOdds } from "./phone-search.ts";
import type { Pronunciations } from "./pronunciation.ts";

/** Where a word fits best, first and last frame both inside, and by how many nats a phone whatever fits best there fits better (0 at most). */
export type Spot = Readonly<{ firstFrame: number; lastFrame: number; fit: number }>;

/** Looks for one word amid any sound, said in any of these ways; null where the sound is too short for it. */
export function spot({ logOdds, frames, width }: PhoneOdds, ways: Pronunciations): Spot | null {
  let best: Spot | null = null;
  for (const way of ways) {
    const numbers = way.split(" ").map((phone) => PHONES.indexOf(phone) + 1);
    const path = new Path(numbers);
    for (let frame = 0; frame < frames; frame++) {
      path.step(logOdds.subarray(frame * width, (frame + 1) * width), frame);
      const fit = path.odds / numbers.length;
      if (fit > (best?.fit ?? Number.NEGATIVE_INFINITY)) best = { firstFrame: path.since, lastFrame: frame, fit };
    }
  }
  return best;
}

/** Viterbi's way through one word's phones, with none between them or not; it may begin in any frame. */
class Path {
  readonly #phones: readonly number[];
  /** Of each phone and of each gap behind one, in turn: how well it fits so far, and since which frame. */
  readonly #odds: Float64Array;
  readonly #since: Int32Array;

  constructor(phones: readonly number[]) {
    this.#phones = phones;
    this.#odds = new Float64Array(2 * phones.length - 1).fill(Number.NEGATIVE_INFINITY);
    this.#since = new Int32Array(this.#odds.length);
  }

  /** That all of the word was said by now. */
  get odds(): number {
    return this.#odds.at(-1) ?? Number.NEGATIVE_INFINITY;
  }

  get since(): number {
    return this.#since.at(-1) ?? 0;
  }

  step(frame: Float32Array, at: number): void {
    let free = Number.NEGATIVE_INFINITY;
    for (const odds of frame) free = Math.max(free, odds);
    // From the end, so that what lies before is still that of the frame before.
    for (let state = this.#odds.length - 1; state >= 0; state--) {
      const from = this.#before(state);
      const begins = state === 0 && (this.#odds[0] ?? 0) < 0;
      const phone = state % 2 === 1 ? 0 : (this.#phones[state / 2] ?? 0);
      const since = begins ? at : (this.#since[from] ?? 0);
      this.#odds[state] = (begins ? 0 : (this.#odds[from] ?? 0)) + (frame[phone] ?? 0) - free;
      this.#since[state] = since;
    }
  }

  /** Which of the states that lead to this one fits best. Between two of a kind there must be a gap. */
  #before(state: number): number {
    let from = state;
    const leads = (other: number): void => {
      if ((this.#odds[other] ?? 0) > (this.#odds[from] ?? 0)) from = other;
    };
    if (state > 0) leads(state - 1);
    const phone = state / 2;
    if (state % 2 === 0 && state > 1 && this.#phones[phone] !== this.#phones[phone - 1]) leads(state - 2);
    return from;
  }
}
