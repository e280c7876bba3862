import { saturate } from "./level.ts";

/** Filter taps on each side of the centre, counted at the lower of the two rates. */
const LOBES = 8;
/** Where the pass band ends, relative to half the lower rate: leaves room for the filter's slope. */
const PASS = 0.92;

/**
 * Converts a stream of mono PCM (signed 16 bit) from one rate to another by a polyphase windowed-sinc filter
 * (J. O. Smith, "Digital Audio Resampling": band-limited interpolation with a Hann window). Delay: 8 samples of the
 * lower rate, 0.5 ms at 16 kHz.
 */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  readonly #taps: number;
  /** `#up` filters of `#taps` coefficients each, one after another. */
  readonly #phases: Float64Array;
  /** The last `#taps - 1` samples of the input so far, then the piece in hand. */
  #work: Float64Array;
  /** Position of the next output sample, in units of 1/up of an input sample, from the start of the piece. */
  #position = 0;

  constructor(fromHz: number, toHz: number) {
    if (!Number.isInteger(fromHz) || !Number.isInteger(toHz) || fromHz < 1_000 || toHz < 1_000)
      throw new RangeError(`cannot resample from ${fromHz} to ${toHz} Hz`);
    const common = greatestCommonDivisor(fromHz, toHz);
    this.#up = toHz / common;
    this.#down = fromHz / common;
    const cutoff = (PASS * Math.min(fromHz, toHz)) / fromHz;
    const reach = Math.ceil((LOBES * fromHz) / Math.min(fromHz, toHz));
    this.#taps = 2 * reach;
    this.#phases = designPhases(this.#up, reach, cutoff);
    this.#work = new Float64Array(this.#taps - 1);
  }

  /** How many samples `process` writes at most for `inputLength` samples. */
  mostFor(inputLength: number): number {
    return Math.ceil((inputLength * this.#up) / this.#down) + 1;
  }

  /** Takes one piece of input and writes what follows from it to `out`; returns how many samples that is. */
  process(input: Int16Array, out: Int16Array): number {
    const kept = this.#taps - 1;
    if (this.#work.length < kept + input.length) {
      const larger = new Float64Array(kept + input.length);
      larger.set(this.#work.subarray(0, kept));
      this.#work = larger;
    }
    const work = this.#work;
    for (let index = 0; index < input.length; index += 1) work[kept + index] = input[index] ?? 0;
    const end = input.length * this.#up;
    let written = 0;
    while (this.#position < end) {
      const first = Math.floor(this.#position / this.#up);
      const phase = (this.#position % this.#up) * this.#taps;
      let sum = 0;
      for (let tap = 0; tap < this.#taps; tap += 1) sum += (work[first + tap] ?? 0) * (this.#phases[phase + tap] ?? 0);
      out[written] = saturate(sum);
      written += 1;
      this.#position += this.#down;
    }
    this.#position -= end;
    work.copyWithin(0, input.length, input.length + kept);
    return written;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function designPhases(up: number, reach: number, cutoff: number): Float64Array {
  const taps = 2 * reach;
  const phases = new Float64Array(up * taps);
  for (let phase = 0; phase < up; phase += 1) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap += 1) {
      // Distance of this input sample from the output sample, which lies `phase / up` after tap `reach - 1`.
      const distance = tap - (reach - 1) - phase / up;
      const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / reach);
      const angle = Math.PI * distance * cutoff;
      const value = window * cutoff * (angle === 0 ? 1 : Math.sin(angle) / angle);
      phases[phase * taps + tap] = value;
      sum += value;
    }
    for (let tap = 0; tap < taps; tap += 1) phases[phase * taps + tap] = (phases[phase * taps + tap] ?? 0) / sum;
  }
  return phases;
}
