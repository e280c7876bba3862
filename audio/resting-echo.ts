import type { EchoCanceller } from "./engines.ts";
import { FRAME_MS, FRAME_SAMPLES, type Frame16k } from "./frame.ts";
import { HighPass } from "./high-pass.ts";
import { isSilent } from "./level.ts";

/** By then the last echo has died away, on the longest way that is cancelled and in the largest room. */
const REST_AFTER_MS = 2_000;

/**
 * Spares an echo canceller the time in which nothing is played, most of a unit's life: it keeps what it learned, and
 * what the microphone hears goes past it through a filter like its own. From one to the other is a ramp of 10 ms.
 */
export class RestingEcho implements EchoCanceller {
  readonly #echo: EchoCanceller;
  readonly #highPass = new HighPass();
  readonly #past = new Int16Array(FRAME_SAMPLES);
  /** The microphone's frame before this one. */
  readonly #before = new Int16Array(FRAME_SAMPLES);
  readonly #silence = new Int16Array(FRAME_SAMPLES);
  #quietForMs = REST_AFTER_MS;
  #resting = true;

  constructor(echo: EchoCanceller) {
    this.#echo = echo;
  }

  get unsuppressed(): Frame16k | null {
    return this.#resting ? null : (this.#echo.unsuppressed ?? null);
  }

  clean(mic: Frame16k, playback: Frame16k): Frame16k {
    this.#highPass.pass(mic, this.#past);
    this.#quietForMs = isSilent(playback) ? this.#quietForMs + FRAME_MS : 0;
    const rests = this.#quietForMs >= REST_AFTER_MS;
    if (rests && this.#resting) {
      this.#before.set(mic);
      mic.set(this.#past);
      return mic;
    }
    // What it still holds is from before it rested.
    if (this.#resting) this.#echo.clean(this.#before, this.#silence);
    this.#echo.clean(mic, playback);
    if (rests) blend(mic, this.#past, mic);
    else if (this.#resting) blend(this.#past, mic, mic);
    this.#resting = rests;
    return mic;
  }

  [Symbol.dispose](): void {
    this.#echo[Symbol.dispose]();
  }
}

/** From one sound to the other; `out` may be either. */
function blend(from: Frame16k, to: Frame16k, out: Frame16k): void {
  for (let index = 0; index < FRAME_SAMPLES; index += 1) {
    const share = (index + 1) / FRAME_SAMPLES;
    out[index] = (from[index] ?? 0) * (1 - share) + (to[index] ?? 0) * share;
  }
}
