import { UNSURE_SAMPLES } from "#audio/ears.ts";
import { CommandDecoder } from "#audio/engines/command-decoder.ts";
import { EmbeddingWake, WAKE_DOUBTS, WAKE_HEADS } from "#audio/engines/wake-embedding.ts";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import type { WakeWord } from "#audio/wake-word.ts";

/** The unit's own detector, and the recogniser that it asks where it is in doubt, faster than real time. */
export class WakeListener implements AsyncDisposable {
  readonly #wake: EmbeddingWake;
  readonly #decoder: CommandDecoder;
  readonly #heardAt: number[] = [];
  readonly #doubtedAt: number[] = [];
  #at = 0;
  /** How often the recogniser was asked, in all. */
  doubts = 0;

  private constructor(wake: EmbeddingWake, decoder: CommandDecoder) {
    this.#wake = wake;
    this.#decoder = decoder;
    wake.onWake(() => this.#heardAt.push(this.#at));
    wake.onDoubt(() => this.#doubtedAt.push(this.#at));
  }

  static async open(word: WakeWord): Promise<WakeListener> {
    const doubt = WAKE_DOUBTS[word];
    const decoder = await CommandDecoder.open();
    decoder.setWakeWord(word);
    return new WakeListener(await EmbeddingWake.open({ head: WAKE_HEADS[word], doubt }), decoder);
  }

  /** In which samples the word was detected, to within 80 ms; half a second of silence follows the sound. */
  async detections(sound: Int16Array): Promise<number[]> {
    this.#wake.reset();
    this.#heardAt.length = 0;
    this.#doubtedAt.length = 0;
    const padded = new Int16Array(sound.length + RATE_HZ / 2);
    padded.set(sound);
    for (this.#at = FRAME_SAMPLES; this.#at <= padded.length; this.#at += FRAME_SAMPLES) {
      this.#wake.push(padded.subarray(this.#at - FRAME_SAMPLES, this.#at));
      await this.#wake.settled();
      await this.#askAbout(padded);
    }
    return this.#heardAt.slice();
  }

  async #askAbout(sound: Int16Array): Promise<void> {
    const at = this.#doubtedAt.pop();
    if (at === undefined) return;
    this.doubts += 1;
    if (await this.#decoder.isWakeWord(sound.subarray(Math.max(0, at - UNSURE_SAMPLES), at))) this.#heardAt.push(at);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#wake[Symbol.asyncDispose]();
    await this.#decoder[Symbol.asyncDispose]();
  }
}
