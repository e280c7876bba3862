import { EmbeddingWake, type WakeOptions } from "#audio/engines/wake-embedding.ts";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";

/** So much of a recording waits for inference at once: less than what the detector throws away as too late. */
const PIECE_SAMPLES = RATE_HZ;

/** The unit's own detector, faster than real time. */
export class WakeListener implements AsyncDisposable {
  readonly #wake: EmbeddingWake;
  readonly #heardAt: number[] = [];
  #at = 0;

  private constructor(wake: EmbeddingWake) {
    this.#wake = wake;
    wake.onWake(() => this.#heardAt.push(this.#at));
  }

  static async open(options: WakeOptions): Promise<WakeListener> {
    return new WakeListener(await EmbeddingWake.open(options));
  }

  /** In which samples the word was detected, to within 80 ms where `exact`; half a second of silence follows the sound. */
  async detections(sound: Int16Array, exact = false): Promise<number[]> {
    this.#wake.reset();
    this.#heardAt.length = 0;
    const silent = new Int16Array(FRAME_SAMPLES);
    const end = sound.length + RATE_HZ / 2;
    for (this.#at = 0; this.#at < end; ) {
      const frame = sound.subarray(this.#at, this.#at + FRAME_SAMPLES);
      this.#wake.push(frame.length === FRAME_SAMPLES ? frame : silent);
      this.#at += FRAME_SAMPLES;
      if (exact || this.#at % PIECE_SAMPLES === 0) await this.#wake.settled();
    }
    await this.#wake.settled();
    return this.#heardAt.slice();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#wake[Symbol.asyncDispose]();
  }
}
