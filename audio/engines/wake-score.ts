import { EMBEDDING_FLOATS } from "./speech-embedding.ts";
import { HEAD_INPUTS, type Judge, scoreWindow, type WakeHead, type WakeLevel } from "./wake-head.ts";

/** A judge, and its scores of the last steps. */
type Judging = Readonly<{ judge: Judge; threshold: number; recent: Float32Array }>;

/** How much what was heard last is like the wake word, step by step. */
export class WakeScore {
  readonly #judging: readonly Judging[];
  readonly #silence: Float32Array;
  readonly #window = new Float32Array(HEAD_INPUTS);

  /** `silence`: as many embeddings of silence as the head looks at. */
  constructor(head: WakeHead, level: WakeLevel, silence: Float32Array) {
    this.#judging = head.judges.map((judge) => ({
      judge,
      threshold: judge.thresholds[level],
      recent: new Float32Array(judge.smoothedSteps),
    }));
    this.#silence = silence;
    this.reset();
  }

  /** As if there had been nothing but silence. */
  reset(): void {
    this.#window.set(this.#silence);
    for (const { judge, recent } of this.#judging) recent.fill(Math.min(0, scoreWindow(judge, this.#window)));
  }

  /** Takes the next step's embedding (copies it); above zero the word was said. */
  hear(embedding: Float32Array): number {
    this.#window.copyWithin(0, EMBEDDING_FLOATS);
    this.#window.set(embedding, HEAD_INPUTS - EMBEDDING_FLOATS);
    let most = Number.NEGATIVE_INFINITY;
    for (const { judge, threshold, recent } of this.#judging) {
      recent.copyWithin(0, 1);
      recent[recent.length - 1] = scoreWindow(judge, this.#window);
      let sum = 0;
      for (const one of recent) sum += one;
      most = Math.max(most, sum / recent.length - threshold);
    }
    return most;
  }
}
