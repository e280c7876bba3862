/** Notices a model that gives no more answers, whether it fails each time or never comes back, by what it was given. */
export class AnswerWatch {
  readonly #most: number;
  readonly #onSilent: () => void;
  #unanswered = 0;

  /** `onSilent` is called once, after `most` inputs in a row without one answer. */
  constructor(most: number, onSilent: () => void) {
    this.#most = most;
    this.#onSilent = onSilent;
  }

  asked(): void {
    this.#unanswered += 1;
    if (this.#unanswered === this.#most) this.#onSilent();
  }

  answered(): void {
    if (this.#unanswered < this.#most) this.#unanswered = 0;
  }
}
