import { seededRandom } from "#scripts/hear/random.ts";

/** Draws for one input of an attack: the same seed, the same draws. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }

  /** The draws of one input of many. Golden-ratio steps keep neighbours apart. */
  static ofInput(seed: number, index: number): Random {
    return new Random((Math.imul(index + 1, 0x9e3779b1) ^ seed) >>> 0);
  }

  /** A whole number from 0 up to, and without, `count`. */
  below(count: number): number {
    return Math.floor(this.#next() * count);
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    const index = this.below(list.length);
    if (list.length === 0) throw new RangeError("nothing to pick from");
    return list[index] as T;
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** Mostly small, now and then large. */
  size(most: number): number {
    return this.below(this.below(this.below(most) + 1) + 1);
  }
}
