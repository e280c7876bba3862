import type { Said } from "../teach/vary.ts";
import { EMBEDDING_FLOATS, SpeechEmbedding, STEP_SAMPLES } from "./speech-embedding.ts";
import { HEAD_STEPS, type WakeHead, type WakeLevel } from "./wake-head.ts";
import { WakeScore } from "./wake-score.ts";
import { type Primed, prime } from "./wake-search.ts";
import type { Stream, Window } from "./wake-train.ts";

/** The word is over within the newest embedding, or the two before: wherever it falls in a step. */
export const WORD_STEPS = 3;
/** Before and behind it nobody can say whether it is the word. */
const UNSURE_STEPS = 4;
/** As the detector has it: 1.5 s. */
const REFRACTORY_STEPS = 19;

/** The speech embedding, as the detector has it: after silence, in steps of 80 ms. */
export class TeachEar implements AsyncDisposable {
  readonly #embedding: SpeechEmbedding;
  readonly #primed: Primed;

  private constructor(embedding: SpeechEmbedding, primed: Primed) {
    this.#embedding = embedding;
    this.#primed = primed;
  }

  static async open(): Promise<TeachEar> {
    const embedding = await SpeechEmbedding.open();
    return new TeachEar(embedding, await prime(embedding));
  }

  /** One embedding less of silence comes first than a head looks at: every one of the sound's own ends a window. */
  async embed(samples: Int16Array): Promise<Stream> {
    this.#embedding.restore(this.#primed.embedding);
    const count = Math.ceil(samples.length / STEP_SAMPLES);
    const stream = new Float32Array((HEAD_STEPS - 1 + count) * EMBEDDING_FLOATS);
    stream.set(this.#primed.window.subarray(EMBEDDING_FLOATS));
    const step = new Int16Array(STEP_SAMPLES);
    for (let at = 0; at < count; at += 1) {
      step.fill(0);
      step.set(samples.subarray(at * STEP_SAMPLES, (at + 1) * STEP_SAMPLES));
      stream.set(await this.#embedding.step(step), (HEAD_STEPS - 1 + at) * EMBEDDING_FLOATS);
    }
    return stream;
  }

  /** From the one in which the word ends on. */
  async windows({ samples, wordEnd }: Said): Promise<Window[]> {
    const stream = await this.embed(samples);
    const first = HEAD_STEPS - 1 + Math.ceil(wordEnd / STEP_SAMPLES) - 1;
    const last = stream.length / EMBEDDING_FLOATS - 1;
    return Array.from({ length: Math.min(WORD_STEPS + UNSURE_STEPS, last - first + 1) }, (_, at) => ({
      stream,
      step: first + at,
    }));
  }

  /** How often a unit that is as sensitive as that would wake. */
  wakes(stream: Stream, head: WakeHead, level: WakeLevel): number {
    const score = new WakeScore(head, level, this.#primed.window);
    let [count, restUntil] = [0, 0];
    for (let step = HEAD_STEPS - 1; step < stream.length / EMBEDDING_FLOATS; step += 1) {
      const above = score.hear(stream.subarray(step * EMBEDDING_FLOATS, (step + 1) * EMBEDDING_FLOATS)) > 0;
      if (!above || step < restUntil) continue;
      count += 1;
      restUntil = step + REFRACTORY_STEPS;
    }
    return count;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#embedding[Symbol.asyncDispose]();
  }
}
