import { FRAME_SAMPLES, type Frame16k } from "./frame.ts";
import type { Source } from "./mixer.ts";
import type { Tone } from "./tones.ts";

/** Plays one tone: from the top whenever it is started, faded out within 10 ms when it is stopped. */
export class TonePlayer implements Source {
  readonly #tone: Tone;
  #at: "silent" | "playing" | "fading" = "silent";
  #next = 0;

  constructor(tone: Tone) {
    this.#tone = tone;
  }

  get playing(): boolean {
    return this.#at === "playing";
  }

  /** Starts from the top; what repeats and plays already goes on undisturbed. */
  start(): void {
    if (this.#at === "playing" && this.#tone.repeats) return;
    this.#at = "playing";
    this.#next = 0;
  }

  stop(): void {
    if (this.#at === "playing") this.#at = "fading";
  }

  read(out: Frame16k): boolean {
    if (this.#at === "silent") return false;
    const { samples, repeats } = this.#tone;
    for (let index = 0; index < FRAME_SAMPLES; index += 1) {
      const fade = this.#at === "fading" ? 1 - (index + 1) / FRAME_SAMPLES : 1;
      out[index] = (samples[this.#next] ?? 0) * fade;
      this.#next += 1;
      if (repeats && this.#next === samples.length) this.#next = 0;
    }
    if (this.#at === "fading" || this.#next >= samples.length) this.#at = "silent";
    return true;
  }
}
