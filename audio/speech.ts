import { AudioError } from "./audio-error.ts";
import type { Synthesiser } from "./engines.ts";
import { FRAME_SAMPLES, type Frame16k } from "./frame.ts";
import type { Source } from "./mixer.ts";
import { takeFrame } from "./pieces.ts";

/** How much may wait to be said; beyond it the newest is not said at all. */
const MOST_WAITING = 16;

type Saying = Readonly<{ id: number; text: string }>;
type SpeechOptions = Readonly<{
  synthesiser: Synthesiser;
  /** It is over, or it was stopped, or it failed. Once for each `say`. */
  onSaid: (id: number) => void;
  onFailure: (error: AudioError) => void;
}>;

/** What the unit says, one thing after another. A source of the mixer: sound is played while it is still being made. */
export class Speech implements Source {
  readonly #options: SpeechOptions;
  readonly #waiting: Saying[] = [];
  #current: { id: number; stop: AbortController; allMade: boolean; pieces: Int16Array[]; next: number } | null = null;
  #held = false;
  /** True from a hush until its fade of 10 ms was played. */
  #fading: { pieces: Int16Array[]; next: number } | null = null;

  constructor(options: SpeechOptions) {
    this.#options = options;
  }

  /** True while something is being said or waits to be. */
  get busy(): boolean {
    return this.#current !== null || this.#waiting.length > 0;
  }

  /** True while sound of it comes out of the loudspeaker. */
  get audible(): boolean {
    return this.#current !== null && this.#current.pieces.length > 0;
  }

  say(id: number, text: string): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#options.onFailure(new AudioError("bad-command", "too much waits to be said"));
      this.#options.onSaid(id);
      return;
    }
    this.#waiting.push({ id, text });
    this.#startNext();
  }

  /** While held, nothing new is begun. */
  hold(held: boolean): void {
    this.#held = held;
    this.#startNext();
  }

  /** Falls silent within 10 ms; nothing of what waits is said. */
  hush(): void {
    const stopped = this.#current;
    const ids = this.#waiting.splice(0).map((saying) => saying.id);
    if (stopped !== null) {
      ids.unshift(stopped.id);
      this.#fading = { pieces: stopped.pieces, next: stopped.next };
      this.#current = null;
      stopped.stop.abort();
    }
    for (const id of ids) this.#options.onSaid(id);
  }

  read(out: Frame16k): boolean {
    if (this.#fading !== null) {
      const copied = takeFrame(this.#fading, out);
      this.#fading = null;
      for (let index = 0; index < FRAME_SAMPLES; index += 1)
        out[index] = (out[index] ?? 0) * (1 - (index + 1) / FRAME_SAMPLES);
      return copied > 0;
    }
    const current = this.#current;
    if (current === null) return false;
    const copied = takeFrame(current, out);
    if (current.pieces.length === 0 && current.allMade) this.#over(current.id);
    return copied > 0;
  }

  #startNext(): void {
    if (this.#current !== null || this.#held) return;
    const saying = this.#waiting.shift();
    if (saying === undefined) return;
    const current = { id: saying.id, stop: new AbortController(), allMade: false, pieces: [] as Int16Array[], next: 0 };
    this.#current = current;
    this.#options.synthesiser
      .speak(
        saying.text,
        (samples) => {
          if (this.#current === current && samples.length > 0) current.pieces.push(samples);
        },
        current.stop.signal,
      )
      .catch((cause: unknown) => {
        if (this.#current !== current) return;
        this.#options.onFailure(
          cause instanceof AudioError ? cause : new AudioError("engine-failed", "speech failed", {}, cause),
        );
      })
      .finally(() => {
        current.allMade = true;
        if (this.#current === current && current.pieces.length === 0) this.#over(current.id);
      });
  }

  #over(id: number): void {
    this.#current = null;
    this.#options.onSaid(id);
    this.#startNext();
  }
}
