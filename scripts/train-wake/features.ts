import {
  EMBEDDING_FLOATS,
  type EmbeddingState,
  SpeechEmbedding,
  STEP_SAMPLES,
} from "#audio/engines/speech-embedding.ts";
import { HEAD_INPUTS, HEAD_STEPS } from "#audio/engines/wake-head.ts";
import type { Clip } from "./clip.ts";

/** A stream of embeddings: `steps` rows of 96 floats, the first 15 of them silence, so that every row ends a window. */
export type Features = Readonly<{
  floats: Float32Array;
  steps: number;
  /** The step in which the word ends; null where it is not said. */
  wordStep: number | null;
}>;

const SILENT_STEPS = HEAD_STEPS - 1;

/** Turns clips into features exactly as the detector sees them: after silence, in steps of 80 ms. */
export class FeatureMaker implements AsyncDisposable {
  readonly #embedding: SpeechEmbedding;
  readonly #primed: EmbeddingState;
  readonly #silent: Float32Array;

  private constructor(embedding: SpeechEmbedding, primed: EmbeddingState, silent: Float32Array) {
    this.#embedding = embedding;
    this.#primed = primed;
    this.#silent = silent;
  }

  static async open(): Promise<FeatureMaker> {
    const embedding = await SpeechEmbedding.open();
    const silence = new Int16Array(STEP_SAMPLES);
    let silent = new Float32Array(EMBEDDING_FLOATS);
    for (let step = 0; step < 27; step++) silent = Float32Array.from(await embedding.step(silence));
    return new FeatureMaker(embedding, embedding.snapshot(), silent);
  }

  /** `lead` samples of silence come first: another alignment to the steps. The clip's last part of a step is padded. */
  async make(clip: Clip, lead = 0): Promise<Features> {
    this.#embedding.restore(this.#primed);
    // Half a second behind the end, so that a word that ends with its clip is seen whole.
    const count = Math.ceil((lead + clip.samples.length + 8_000) / STEP_SAMPLES);
    const padded = new Int16Array(count * STEP_SAMPLES);
    padded.set(clip.samples, lead);
    const steps = SILENT_STEPS + count;
    const floats = new Float32Array(steps * EMBEDDING_FLOATS);
    for (let step = 0; step < SILENT_STEPS; step++) floats.set(this.#silent, step * EMBEDDING_FLOATS);
    for (let step = 0; step < count; step++) {
      const sound = padded.subarray(step * STEP_SAMPLES, (step + 1) * STEP_SAMPLES);
      floats.set(await this.#embedding.step(sound), (SILENT_STEPS + step) * EMBEDDING_FLOATS);
    }
    const wordStep = clip.wordEnd === null ? null : SILENT_STEPS + Math.ceil((lead + clip.wordEnd) / STEP_SAMPLES) - 1;
    return { floats, steps, wordStep };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#embedding[Symbol.asyncDispose]();
  }
}

/** The window whose last step is `step`, or null where there is none. */
export function windowAt(features: Features, step: number): Float32Array | null {
  if (step < SILENT_STEPS || step >= features.steps) return null;
  const end = (step + 1) * EMBEDDING_FLOATS;
  return features.floats.subarray(end - HEAD_INPUTS, end);
}
