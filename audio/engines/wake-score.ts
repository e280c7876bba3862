import { EMBEDDING_FLOATS } from "./speech-embedding.ts";
import { HEAD_INPUTS, scoreWindow, type WakeHead } from "./wake-head.ts";

/** The score is the mean of this many steps: one loud step alone is not a word. */
const SMOOTHED_STEPS = 3;

/** How much what was heard last is like the wake word, step by step. */
export class WakeScore {
  readonly #head: WakeHead;
  readonly #silence: Float32Array;
  readonly #window = new Float32Array(HEAD_INPUTS);
  readonly #recent = new Float32Array(SMOOTHED_STEPS);

  /** `silence`: as many embeddings of silence as the head looks at. */
  constructor(head: WakeHead, silence: Float32Array) {
    this.#head = head;
    this.#silence = silence;
    this.reset();
  }

  /** As if there had been nothing but silence. */
  reset(): void {
    this.#window.set(this.#silence);
    this.#recent.fill(Math.min(0, scoreWindow(this.#head, this.#window)));
  }

  /** Takes the next step's embedding (copies it). */
  hear(embedding: Float32Array): number {
    this.#window.copyWithin(0, EMBEDDING_FLOATS);
    this.#window.set(embedding, HEAD_INPUTS - EMBEDDING_FLOATS);
    this.#recent.copyWithin(0, 1);
    this.#recent[SMOOTHED_STEPS - 1] = scoreWindow(this.#head, this.#window);
    let sum = 0;
    for (const one of this.#recent) sum += one;
    return sum / SMOOTHED_STEPS;
  }
}
