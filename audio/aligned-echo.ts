import { ClockDrift } from "./clock-drift.ts";
import { EchoDelay } from "./echo-delay.ts";
import type { EchoCanceller } from "./engines.ts";
import { FRAME_SAMPLES, type Frame16k, RATE_HZ } from "./frame.ts";
import { readBetween, SINC_REACH } from "./io/windowed-sinc.ts";
import { saturate } from "./level.ts";

const MS = RATE_HZ / 1_000;
/** What was played may be heard so much later at most: what `EchoDelay` can see. */
const LONGEST_SAMPLES = 512 * MS;
/** A power of two. */
const RING_SAMPLES = 16_384;
/** Between samples nothing can be read nearer to the newest; 1 ms that the aim has to spare. */
const LEAST_OFFSET = SINC_REACH;
const MOST_OFFSET = LONGEST_SAMPLES;
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
 * is measured all the time, because a card's delay jumps, and by its clock, which is not the microphone's. 10 µs a frame,
 * 20 while the clocks differ.
 */
export class AlignedEcho implements EchoCanceller {
  readonly #echo: Alignable;
  readonly #delay = new EchoDelay();
  readonly #drift = new ClockDrift();
  /** What was played, oldest overwritten. */
  readonly #played = new Float64Array(RING_SAMPLES);
  readonly #aligned = new Int16Array(FRAME_SAMPLES);
  /** Samples taken so far. */
  #time = 0;
  /** How much later the canceller is given it, and how that moves with each sample. */
  #offset = 0;
  #slope = 0;
  #lastSeen = Number.NaN;

  constructor(echo: Alignable) {
    this.#echo = echo;
  }

  clean(mic: Frame16k, playback: Frame16k): Frame16k {
    const seen = this.#delay.look(mic, playback);
    if (seen !== null) this.#follow(seen);
    for (let index = 0; index < FRAME_SAMPLES; index += 1)
      this.#played[(this.#time + index) % RING_SAMPLES] = playback[index] ?? 0;
    this.#read();
    this.#time += FRAME_SAMPLES;
    return this.#echo.clean(mic, this.#aligned);
  }

  [Symbol.dispose](): void {
    this.#echo[Symbol.dispose]();
  }

  #read(): void {
    const from = this.#time + RING_SAMPLES - this.#offset;
    if (Number.isInteger(this.#offset) && this.#slope === 0)
      for (let index = 0; index < FRAME_SAMPLES; index += 1)
        this.#aligned[index] = this.#played[(from + index) % RING_SAMPLES] ?? 0;
    else
      for (let index = 0; index < FRAME_SAMPLES; index += 1)
        this.#aligned[index] = saturate(readBetween(this.#played, from + index - this.#slope * index));
    if (this.#slope !== 0)
      this.#offset = Math.max(LEAST_OFFSET, Math.min(MOST_OFFSET, this.#offset + this.#slope * FRAME_SAMPLES));
  }

  #follow(seen: number): void {
    const sure = Math.abs(seen - this.#lastSeen) <= SAME_SAMPLES;
    this.#lastSeen = seen;
    const slope = this.#drift.follow(seen, this.#time) ?? this.#slope;
    this.#slope = this.#offset < LEAST_OFFSET ? 0 : slope;
    const after = seen - this.#offset;
    if (!sure || (after >= LEAST_SAMPLES && after <= MOST_SAMPLES)) return;
    const offset = Math.max(0, Math.round(seen) - AIM_SAMPLES);
    if (Math.abs(offset - this.#offset) < 1) return;
    this.#offset = offset;
    this.#echo.forget();
  }
}
