import { EchoDelay } from "./echo-delay.ts";
import type { EchoCanceller } from "./engines.ts";
import { FRAME_SAMPLES, type Frame16k, RATE_HZ } from "./frame.ts";
import { RingBuffer } from "./ring-buffer.ts";

const MS = RATE_HZ / 1_000;
/** What was played may be heard so much later at most: what `EchoDelay` can see. */
const LONGEST_SAMPLES = 512 * MS;
/** The echo is brought to so much after its cause, and left alone where it is near that: forgetting costs a second. */
const AIM_SAMPLES = 8 * MS;
const LEAST_SAMPLES = 2 * MS;
const MOST_SAMPLES = 24 * MS;
/** Two looks in a row see the same delay, to so much. */
const SAME_SAMPLES = 2 * MS;

/** A canceller that has to be told where the echo is, and can forget the way that it learned. */
type Alignable = EchoCanceller & Readonly<{ forget: () => void }>;

/**
 * Gives a canceller what was played as it is heard: later by the delay of the sound card, its driver and the air, which
 * is measured all the time, because a card's delay jumps and its clock drifts.
 */
export class AlignedEcho implements EchoCanceller {
  readonly #echo: Alignable;
  readonly #delay = new EchoDelay();
  readonly #played = new RingBuffer(LONGEST_SAMPLES + FRAME_SAMPLES);
  readonly #aligned = new Int16Array(FRAME_SAMPLES);
  #offset = 0;
  #lastSeen = Number.NaN;

  constructor(echo: Alignable) {
    this.#echo = echo;
    this.#played.push(new Int16Array(this.#played.capacity));
  }

  clean(mic: Frame16k, playback: Frame16k): Frame16k {
    const seen = this.#delay.look(mic, playback);
    if (seen !== null) this.#follow(seen);
    this.#played.push(playback);
    this.#played.readBack(this.#offset + FRAME_SAMPLES, this.#aligned);
    return this.#echo.clean(mic, this.#aligned);
  }

  [Symbol.dispose](): void {
    this.#echo[Symbol.dispose]();
  }

  #follow(seen: number): void {
    const sure = Math.abs(seen - this.#lastSeen) <= SAME_SAMPLES;
    this.#lastSeen = seen;
    const after = seen - this.#offset;
    if (!sure || (after >= LEAST_SAMPLES && after <= MOST_SAMPLES)) return;
    const offset = Math.max(0, seen - AIM_SAMPLES);
    if (offset === this.#offset) return;
    this.#offset = offset;
    this.#echo.forget();
  }
}
