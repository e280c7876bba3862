import { type InferenceSession, Tensor } from "onnxruntime-node";
import { floatsOf, openModel } from "./onnx.ts";

/** New samples a step takes: 80 ms at 16 kHz. */
export const STEP_SAMPLES = 1_280;
/** Floats in one embedding. */
export const EMBEDDING_FLOATS = 96;

/** Samples of the step before that the spectrogram needs to give eight whole frames a step. */
const TAIL_SAMPLES = 480;
/** The embedding sees 76 spectrogram frames (0.76 s) of 32 bands. */
const MEL_FRAMES = 76;
export const MEL_BANDS = 32;
/** New spectrogram frames a step gives. */
export const STEP_MEL_FRAMES = 8;

/**
 * Google's speech embedding (Apache-2.0) over a log-mel spectrogram: 96 floats for every 80 ms of sound.
 * Mono, 16 kHz, samples on the scale of signed 16 bit. Stateful: one stream each. About 1 ms of CPU a step, on the
 * calling thread but in a later turn of its event loop.
 */
export class SpeechEmbedding implements AsyncDisposable {
  readonly #melModel: InferenceSession;
  readonly #embeddingModel: InferenceSession;
  readonly #sound = new Float32Array(TAIL_SAMPLES + STEP_SAMPLES);
  readonly #mel = new Float32Array(MEL_FRAMES * MEL_BANDS);
  readonly #newest = this.#mel.subarray((MEL_FRAMES - STEP_MEL_FRAMES) * MEL_BANDS);
  readonly #soundFeed: Record<string, Tensor>;
  readonly #melFeed: Record<string, Tensor>;

  private constructor(melModel: InferenceSession, embeddingModel: InferenceSession) {
    this.#melModel = melModel;
    this.#embeddingModel = embeddingModel;
    this.#soundFeed = { input: new Tensor("float32", this.#sound, [1, this.#sound.length]) };
    this.#melFeed = { input_1: new Tensor("float32", this.#mel, [1, MEL_FRAMES, MEL_BANDS, 1]) };
    this.reset();
  }

  static async open(): Promise<SpeechEmbedding> {
    const melModel = await openModel("melspectrogram.onnx");
    return new SpeechEmbedding(melModel, await openModel("embedding_model.onnx"));
  }

  /** Another stream by the same models: of use as long as this one, which frees them. */
  another(): SpeechEmbedding {
    return new SpeechEmbedding(this.#melModel, this.#embeddingModel);
  }

  /** Takes exactly one step of sound; the answer is the caller's. Never call it again before the answer is there. */
  async step(samples: Int16Array): Promise<Float32Array> {
    await this.listen(samples);
    return this.embed();
  }

  /**
   * The first half of a step, a tenth of its CPU: gives the new spectrogram frames (10 dB are 1), valid until the next call. `embed` may follow, or not.
   */
  async listen(samples: Int16Array): Promise<Float32Array> {
    this.#sound.copyWithin(0, STEP_SAMPLES);
    this.#sound.set(samples, TAIL_SAMPLES);
    const mel = floatsOf(await this.#melModel.run(this.#soundFeed), "output");
    this.#mel.copyWithin(0, mel.length);
    const start = this.#mel.length - mel.length;
    // The scale the embedding was trained on: openWakeWord, utils.py, `melspec_transform`.
    for (let i = 0; i < mel.length; i++) this.#mel[start + i] = (mel[i] ?? 0) / 10 + 2;
    return this.#newest;
  }

  /** The second half: what was listened to so far, as 96 floats that are the caller's. */
  async embed(): Promise<Float32Array> {
    return floatsOf(await this.#embeddingModel.run(this.#melFeed), "conv2d_19");
  }

  reset(): void {
    this.#sound.fill(0);
    this.#mel.fill(1);
  }

  /** What has been heard so far, to be put back with `restore`. */
  snapshot(): EmbeddingState {
    return { sound: this.#sound.slice(), mel: this.#mel.slice() };
  }

  restore(state: EmbeddingState): void {
    this.#sound.set(state.sound);
    this.#mel.set(state.mel);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#melModel.release();
    await this.#embeddingModel.release();
  }
}

export type EmbeddingState = Readonly<{ sound: Float32Array; mel: Float32Array }>;
