import { type InferenceSession, Tensor } from "onnxruntime-node";
import { AudioError } from "../audio-error.ts";
import type { VoiceDetector } from "../engines.ts";
import { type Frame16k, RATE_HZ } from "../frame.ts";
import { AnswerWatch } from "./answer-watch.ts";
import { floatsOf, openModel } from "./onnx.ts";

/** What the model takes at once: 32 ms at 16 kHz. */
const WINDOW_SAMPLES = 512;
/** Its two recurrent states: 2 layers of 64 floats. */
const STATE_SHAPE = [2, 1, 64];
const STATE_FLOATS = 128;
/** As for the wake word: older sound than this is of no use. */
const MAX_WAITING_WINDOWS = 62;

/** Four seconds of sound in which it said nothing: it does not come back by itself. */
const SILENT_WINDOWS = 125;

export type VoiceOptions = Readonly<{
  onTrouble?: (error: AudioError) => void;
  /** Told once when it has not answered for four seconds of sound; for what pushes in real time only. */
  onSilent?: (error: AudioError) => void;
}>;

/**
 * Silero's voice detector (MIT), the recurrent model with separate `h` and `c` states.
 * About 0.1 ms of CPU a window, on the calling thread but in a later turn of its event loop.
 */
export class SileroVoice implements VoiceDetector {
  readonly #model: InferenceSession;
  readonly #onTrouble: (error: AudioError) => void;
  readonly #watch: AnswerWatch;
  readonly #listeners: ((probability: number) => void)[] = [];
  readonly #input = new Float32Array(WINDOW_SAMPLES);
  readonly #h = new Float32Array(STATE_FLOATS);
  readonly #c = new Float32Array(STATE_FLOATS);
  readonly #feed: Record<string, Tensor>;
  #window = new Int16Array(WINDOW_SAMPLES);
  #filled = 0;
  #waiting: Int16Array<ArrayBuffer>[] = [];
  #spare: Int16Array<ArrayBuffer>[] = [];
  #running: Promise<void> | null = null;
  #era = 0;
  #closed = false;
  /** The last inference failed: the next to fail is not told again. */
  #failed = false;

  private constructor(model: InferenceSession, options: VoiceOptions) {
    this.#model = model;
    this.#onTrouble = options.onTrouble ?? (() => {});
    this.#watch = new AnswerWatch(SILENT_WINDOWS, () =>
      options.onSilent?.(new AudioError("engine-failed", "The voice detector does not answer any more")),
    );
    this.#feed = {
      input: new Tensor("float32", this.#input, [1, WINDOW_SAMPLES]),
      sr: new Tensor("int64", BigInt64Array.of(BigInt(RATE_HZ)), []),
      h: new Tensor("float32", this.#h, STATE_SHAPE),
      c: new Tensor("float32", this.#c, STATE_SHAPE),
    };
  }

  static async open(options: VoiceOptions = {}): Promise<SileroVoice> {
    return new SileroVoice(await openModel("silero_vad.onnx"), options);
  }

  push(frame: Frame16k): void {
    let taken = 0;
    while (taken < frame.length) {
      const count = Math.min(frame.length - taken, WINDOW_SAMPLES - this.#filled);
      // Most often the whole frame fits, and no view of it need be made.
      this.#window.set(count === frame.length ? frame : frame.subarray(taken, taken + count), this.#filled);
      this.#filled += count;
      taken += count;
      if (this.#filled === WINDOW_SAMPLES) this.#hand();
    }
  }

  reset(): void {
    this.#era++;
    this.#filled = 0;
    this.#waiting = [];
    this.#h.fill(0);
    this.#c.fill(0);
  }

  onProbability(listener: (probability: number) => void): void {
    this.#listeners.push(listener);
  }

  /** Resolves when everything pushed so far has been looked at: for tools that push faster than real time. */
  async settled(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#waiting = [];
    await this.settled();
    await this.#model.release();
  }

  #hand(): void {
    this.#filled = 0;
    if (this.#closed) return;
    this.#watch.asked();
    this.#waiting.push(this.#window);
    this.#window = this.#spare.pop() ?? new Int16Array(WINDOW_SAMPLES);
    if (this.#waiting.length > MAX_WAITING_WINDOWS) this.reset();
    this.#running ??= this.#listen().finally(() => {
      this.#running = null;
    });
  }

  async #listen(): Promise<void> {
    for (let window = this.#waiting.shift(); window !== undefined; window = this.#waiting.shift()) {
      const era = this.#era;
      for (let i = 0; i < WINDOW_SAMPLES; i++) this.#input[i] = (window[i] ?? 0) / 32_768;
      try {
        const outputs = await this.#model.run(this.#feed);
        this.#watch.answered();
        this.#failed = false;
        if (era === this.#era) {
          this.#h.set(floatsOf(outputs, "hn"));
          this.#c.set(floatsOf(outputs, "cn"));
          const [probability = 0] = floatsOf(outputs, "output");
          for (const listener of this.#listeners) listener(probability);
        }
      } catch (cause) {
        if (!this.#failed) this.#onTrouble(new AudioError("engine-failed", "The voice detector failed", {}, cause));
        this.#failed = true;
      }
      this.#spare.push(window);
    }
  }
}
