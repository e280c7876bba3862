import { readFile } from "node:fs/promises";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { floatsOf, packagedModelFile } from "#audio/engines/onnx.ts";
import {
  EMBEDDING_FLOATS,
  type EmbeddingState,
  MEL_BANDS,
  SpeechEmbedding,
  STEP_MEL_FRAMES,
  STEP_SAMPLES,
} from "#audio/engines/speech-embedding.ts";
import { HEAD_STEPS } from "#audio/engines/wake-head.ts";
import type { Clip } from "./clip.ts";

/** A stream of embeddings: `steps` rows of 96 floats, the first 15 of them silence, so that every row ends a window. */
export type Features = Readonly<{
  floats: Float32Array;
  steps: number;
  /** The step in which the word ends; null where it is not said. */
  wordStep: number | null;
}>;

export const SILENT_STEPS = HEAD_STEPS - 1;
/** Spectrogram frames that one embedding sees. */
const SEEN_FRAMES = 76;
/** What the model is made to take at once: as many as one byte can say, for seven embeddings. */
const LONG_FRAMES = 124;
const STEPS_AT_ONCE = 1 + (LONG_FRAMES - SEEN_FRAMES) / STEP_MEL_FRAMES;
const RUNS_AT_ONCE = 8;

/** Turns clips into features exactly as the detector sees them: after silence, in steps of 80 ms. */
export class FeatureMaker implements AsyncDisposable {
  readonly #embedding: SpeechEmbedding;
  readonly #long: InferenceSession;
  readonly #primed: EmbeddingState;
  readonly #silent: Float32Array;

  private constructor(
    embedding: SpeechEmbedding,
    long: InferenceSession,
    primed: EmbeddingState,
    silent: Float32Array,
  ) {
    this.#embedding = embedding;
    this.#long = long;
    this.#primed = primed;
    this.#silent = silent;
  }

  static async open(): Promise<FeatureMaker> {
    const embedding = await SpeechEmbedding.open();
    const silence = new Int16Array(STEP_SAMPLES);
    let silent = new Float32Array(EMBEDDING_FLOATS);
    for (let step = 0; step < 27; step++) silent = Float32Array.from(await embedding.step(silence));
    return new FeatureMaker(embedding, await openLong(), embedding.snapshot(), silent);
  }

  /** `lead` samples of silence come first: another alignment to the steps. The clip's last part of a step is padded. */
  async make(clip: Clip, lead = 0): Promise<Features> {
    // Half a second behind the end, so that a word that ends with its clip is seen whole.
    const count = Math.ceil((lead + clip.samples.length + 8_000) / STEP_SAMPLES);
    const padded = new Int16Array(count * STEP_SAMPLES);
    padded.set(clip.samples, lead);
    const steps = SILENT_STEPS + count;
    const floats = new Float32Array(steps * EMBEDDING_FLOATS);
    for (let step = 0; step < SILENT_STEPS; step++) floats.set(this.#silent, step * EMBEDDING_FLOATS);
    await this.#embed(await this.#listen(padded), floats.subarray(SILENT_STEPS * EMBEDDING_FLOATS));
    const wordStep = clip.wordEnd === null ? null : SILENT_STEPS + Math.ceil((lead + clip.wordEnd) / STEP_SAMPLES) - 1;
    return { floats, steps, wordStep };
  }

  /** The spectrogram of whole steps, with the frames of silence before it that the first embedding sees. */
  async #listen(sound: Int16Array): Promise<Float32Array> {
    this.#embedding.restore(this.#primed);
    const before = this.#primed.mel.subarray(STEP_MEL_FRAMES * MEL_BANDS);
    const count = sound.length / STEP_SAMPLES;
    const mel = new Float32Array(before.length + count * STEP_MEL_FRAMES * MEL_BANDS);
    mel.set(before);
    for (let step = 0; step < count; step++) {
      const heard = await this.#embedding.listen(sound.subarray(step * STEP_SAMPLES, (step + 1) * STEP_SAMPLES));
      mel.set(heard, before.length + step * STEP_MEL_FRAMES * MEL_BANDS);
    }
    return mel;
  }

  async #embed(mel: Float32Array, floats: Float32Array): Promise<void> {
    const steps = floats.length / EMBEDDING_FLOATS;
    const runFloats = LONG_FRAMES * MEL_BANDS;
    for (let first = 0; first < steps; first += STEPS_AT_ONCE * RUNS_AT_ONCE) {
      const runs = Math.min(RUNS_AT_ONCE, Math.ceil((steps - first) / STEPS_AT_ONCE));
      const input = new Float32Array(runs * runFloats);
      for (let run = 0; run < runs; run++) {
        const start = (first + run * STEPS_AT_ONCE) * STEP_MEL_FRAMES * MEL_BANDS;
        input.set(mel.subarray(start, start + runFloats), run * runFloats);
      }
      const feed = { input_1: new Tensor("float32", input, [runs, LONG_FRAMES, MEL_BANDS, 1]) };
      const found = floatsOf(await this.#long.run(feed), "conv2d_19");
      // Each run's answer lies channel by channel.
      for (let step = first; step < Math.min(steps, first + runs * STEPS_AT_ONCE); step++) {
        const run = Math.floor((step - first) / STEPS_AT_ONCE);
        const at = (step - first) % STEPS_AT_ONCE;
        for (let i = 0; i < EMBEDDING_FLOATS; i++)
          floats[step * EMBEDDING_FLOATS + i] = found[(run * EMBEDDING_FLOATS + i) * STEPS_AT_ONCE + at] ?? 0;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#embedding[Symbol.asyncDispose]();
    await this.#long.release();
  }
}

/**
 * The embedding is a convolution without padding in time: of a longer spectrogram it gives an embedding for every eight
 * frames, the same ones in a quarter of the time. The model says that it takes 76 frames; told of 124 it takes them.
 * (ONNX's protocol buffers: a dimension is `0a 02 08 N`, the number of frames in the first reshape a 64-bit integer.)
 */
async function openLong(): Promise<InferenceSession> {
  const model = await readFile(packagedModelFile("embedding_model.onnx"));
  const frames = Buffer.alloc(8);
  frames.writeBigInt64LE(BigInt(SEEN_FRAMES));
  for (const [pattern, at] of [
    [Buffer.from([0x0a, 2, 8, SEEN_FRAMES, 0x0a, 2, 8, MEL_BANDS]), 3],
    [frames, 0],
  ] as const) {
    const found = model.indexOf(pattern);
    if (found < 0 || model.includes(pattern, found + 1))
      throw new Error("The embedding model is another than expected");
    model[found + at] = LONG_FRAMES;
  }
  return InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
}
