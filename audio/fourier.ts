/**
 * The discrete Fourier transform of complex numbers, in place (J. W. Cooley, J. W. Tukey, 1965; radix 2). Allocates
 * nothing per transform.
 */
export class Fourier {
  readonly #length: number;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  /** Where each number goes before the first step: the bits of its place, read backwards. */
  readonly #places: Uint32Array;

  /** `length` is a power of two. */
  constructor(length: number) {
    if (!Number.isInteger(Math.log2(length))) throw new RangeError(`${length} is no power of two`);
    this.#length = length;
    this.#cos = Float64Array.from({ length: length / 2 }, (_, index) => Math.cos((2 * Math.PI * index) / length));
    this.#sin = Float64Array.from({ length: length / 2 }, (_, index) => Math.sin((2 * Math.PI * index) / length));
    this.#places = new Uint32Array(length);
    for (let index = 1; index < length; index += 1)
      this.#places[index] = ((this.#places[index >> 1] ?? 0) >> 1) | (index % 2 === 0 ? 0 : length >> 1);
  }

  transform(re: Float64Array, im: Float64Array): void {
    this.#shuffle(re);
    this.#shuffle(im);
    for (let half = 1; half < this.#length; half *= 2) this.#step(re, im, half);
  }

  /** As `transform` backwards, but `length` times as large: exchanging the parts turns it round. */
  restore(re: Float64Array, im: Float64Array): void {
    this.transform(im, re);
  }

  #step(re: Float64Array, im: Float64Array, half: number): void {
    const length = this.#length;
    const stride = length / (2 * half);
    for (let turn = 0; turn < half; turn += 1) {
      const cos = this.#cos[turn * stride] ?? 0;
      const sin = this.#sin[turn * stride] ?? 0;
      for (let a = turn; a < length; a += 2 * half) {
        const b = a + half;
        const reB = re[b] ?? 0;
        const imB = im[b] ?? 0;
        const reT = reB * cos + imB * sin;
        const imT = imB * cos - reB * sin;
        const reA = re[a] ?? 0;
        const imA = im[a] ?? 0;
        re[a] = reA + reT;
        im[a] = imA + imT;
        re[b] = reA - reT;
        im[b] = imA - imT;
      }
    }
  }

  #shuffle(numbers: Float64Array): void {
    for (let index = 1; index < this.#length; index += 1) {
      const other = this.#places[index] ?? 0;
      if (index >= other) continue;
      const number = numbers[index] ?? 0;
      numbers[index] = numbers[other] ?? 0;
      numbers[other] = number;
    }
  }
}
