/** So many looks at the delay, 4 s of them, show how it moves. */
const LOOKS = 16;
/** A delay that moves faster is no clock's: it jumped. In samples from one look to the next. */
const JUMP_SAMPLES = 8;
/** Crystals differ by less than 500 millionths; below 8 it is the measure's own error. In samples per sample. */
const MOST = 500e-6;
const LEAST = 8e-6;

/** How much faster the loudspeaker's clock runs than the microphone's, from how the echo's delay moves. */
export class ClockDrift {
  readonly #delays = new Float64Array(LOOKS);
  readonly #times = new Float64Array(LOOKS);
  #count = 0;

  /** Takes the delay that was seen at a time, both in samples; returns samples of delay per sample, null while unknown. */
  follow(delay: number, time: number): number | null {
    const last = (this.#count + LOOKS - 1) % LOOKS;
    if (this.#count > 0 && Math.abs(delay - (this.#delays[last] ?? 0)) > JUMP_SAMPLES) this.#count = 0;
    this.#delays[this.#count % LOOKS] = delay;
    this.#times[this.#count % LOOKS] = time;
    this.#count += 1;
    if (this.#count < LOOKS) return null;
    const slope = this.#slope();
    if (Math.abs(slope) > MOST) return null;
    return Math.abs(slope) < LEAST ? 0 : slope;
  }

  /** Of the line through all looks, by least squares. */
  #slope(): number {
    let [time, delay] = [0, 0];
    for (let look = 0; look < LOOKS; look += 1) {
      time += (this.#times[look] ?? 0) / LOOKS;
      delay += (this.#delays[look] ?? 0) / LOOKS;
    }
    let [product, square] = [0, 0];
    for (let look = 0; look < LOOKS; look += 1) {
      const apart = (this.#times[look] ?? 0) - time;
      product += apart * ((this.#delays[look] ?? 0) - delay);
      square += apart * apart;
    }
    return product / square;
  }
}
