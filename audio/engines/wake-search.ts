import type { WordSearch } from "../engines.ts";
import { EMBEDDING_FLOATS, type EmbeddingState, type SpeechEmbedding, STEP_SAMPLES } from "./speech-embedding.ts";
import { HEAD_INPUTS, type WakeHead } from "./wake-head.ts";
import { WakeScore } from "./wake-score.ts";

/** Steps until the embedding has seen nothing but silence; from then on all of it is embedded alike. */
const PRIMING_STEPS = 11;
/** What hearing the wake word begins with: silence, as it is embedded, and what the head makes of it. */
export type Primed = Readonly<{ embedding: EmbeddingState; window: Float32Array }>;

/** Looks for the wake word in sound that is over, by the models of a detector: 1 ms for each 80 ms of it. */
export class EmbeddingSearch implements WordSearch {
  readonly #embedding: SpeechEmbedding;
  readonly #primed: Primed;
  #score: WakeScore;
  #last: Promise<unknown> = Promise.resolve();

  constructor(embedding: SpeechEmbedding, head: WakeHead, primed: Primed) {
    this.#embedding = embedding;
    this.#primed = primed;
    this.#score = new WakeScore(head, "played", primed.window);
  }

  /** Looks for another word from the next time on. */
  useHead(head: WakeHead): void {
    this.#score = new WakeScore(head, "played", this.#primed.window);
  }

  find(samples: Int16Array, from: number): Promise<boolean> {
    const search = (): Promise<boolean> => this.#find(samples, from);
    const found = this.#last.then(search, search);
    this.#last = found;
    return found;
  }

  async #find(samples: Int16Array, from: number): Promise<boolean> {
    this.#embedding.restore(this.#primed.embedding);
    const score = this.#score;
    score.reset();
    // The newest sample ends the last step.
    for (let at = samples.length % STEP_SAMPLES; at < samples.length; at += STEP_SAMPLES) {
      const above = score.hear(await this.#embedding.step(samples.subarray(at, at + STEP_SAMPLES)));
      if (above > 0 && at + STEP_SAMPLES > from) return true;
    }
    return false;
  }
}

/** Nothing but silence was heard. */
export async function prime(embedding: SpeechEmbedding): Promise<Primed> {
  const silence = new Int16Array(STEP_SAMPLES);
  const window = new Float32Array(HEAD_INPUTS);
  for (let step = 0; step < PRIMING_STEPS; step++) await embedding.listen(silence);
  const ofSilence = await embedding.embed();
  for (let at = 0; at < HEAD_INPUTS; at += EMBEDDING_FLOATS) window.set(ofSilence, at);
  return { embedding: embedding.snapshot(), window };
}
