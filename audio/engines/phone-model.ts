import { fileURLToPath } from "node:url";
import { type InferenceSession, Tensor } from "onnxruntime-node";
import { RATE_HZ } from "../frame.ts";
import { floatsOf, openModel, openModelFile } from "./onnx.ts";
import { PHONES } from "./phone-graph.ts";
import type { PhoneOdds } from "./phone-search.ts";
import { MEL_BANDS } from "./speech-embedding.ts";

/** Ours; `models/README.md` says how it was made. */
const MODEL = fileURLToPath(new URL("../models/phones.onnx", import.meta.url));
/** What one of its frames stands for: 20 ms. */
export const FRAME_SAMPLES = 320;
/** Looked at in one go: longer sound comes in parts, so that an hour needs no more memory than a sentence. */
const PART_SAMPLES = 20 * RATE_HZ;
/** What a frame of the spectrogram needs; shorter sound has none. */
const LEAST_SAMPLES = 4 * 512;
const WIDTH = PHONES.length + 1;

/**
 * Which phone sounds when: a convolutional network over a log-mel spectrogram, 50 frames a second. Mono, 16 kHz, on the
 * scale of signed 16 bit. Looks at a whole utterance, 0.5 s to both sides of each frame.
 */
export class PhoneModel implements AsyncDisposable {
  readonly #mel: InferenceSession;
  readonly #phones: InferenceSession;

  private constructor(mel: InferenceSession, phones: InferenceSession) {
    this.#mel = mel;
    this.#phones = phones;
  }

  static async open(): Promise<PhoneModel> {
    return new PhoneModel(await openModel("melspectrogram.onnx"), await openModelFile(MODEL));
  }

  async listen(sound: Int16Array): Promise<PhoneOdds> {
    const parts: Float32Array[] = [];
    for (let at = 0; at < sound.length; at += PART_SAMPLES) {
      const part = sound.subarray(at, at + PART_SAMPLES);
      if (part.length >= LEAST_SAMPLES) parts.push(await this.#part(part));
    }
    const logOdds = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      logOdds.set(part, at);
      at += part.length;
    }
    return { logOdds, frames: logOdds.length / WIDTH, width: WIDTH };
  }

  async #part(sound: Int16Array): Promise<Float32Array> {
    const input = new Tensor("float32", Float32Array.from(sound), [1, sound.length]);
    const mel = floatsOf(await this.#mel.run({ input }), "output");
    // The scale the embedding was trained on: openWakeWord, utils.py, `melspec_transform`.
    const scaled = mel.map((level) => level / 10 + 2);
    const spectrogram = new Tensor("float32", scaled, [1, mel.length / MEL_BANDS, MEL_BANDS]);
    return floatsOf(await this.#phones.run({ spectrogram }), "logOdds");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mel.release();
    await this.#phones.release();
  }
}
