import { FRAME_MS, FRAME_SAMPLES, type Frame16k, RATE_HZ } from "../frame.ts";
import { saturate } from "../level.ts";
import type { Loudspeaker as LoudspeakerOptions } from "../protocol.ts";
import { Distortion } from "./distortion.ts";
import { readBetween, SINC_REACH } from "./windowed-sinc.ts";

/** How much the buffer of a loudspeaker with a clock of its own holds at first, and at most. */
const BUFFER_SAMPLES = 2 * FRAME_SAMPLES;
const MOST_BUFFER_SAMPLES = 2 * BUFFER_SAMPLES;
/** What is heard of a sample depends on those after it. */
const LEAST_DELAY_MS = (SINC_REACH * 1_000) / RATE_HZ;

/**
 * Between the frames that the tick wrote and the air: distortion, a clock of its own, a delay that jumps. Mono, 16 kHz.
 * It may go on for ever: where its clock has run away from the frames', 10 ms are played twice or left out.
 */
export class Loudspeaker {
  /** What it delays by before any jump, without its buffer, in ms. */
  readonly delayMs: number;
  readonly #distortion: Distortion | null;
  readonly #drift: number;
  readonly #jump: Readonly<{ atMs: number; bySamples: number }> | null;
  readonly #ring: Float64Array;
  readonly #out = new Int16Array(FRAME_SAMPLES);
  /** Samples written so far; wraps with the ring. */
  #written = 0;
  /** From the frame being written to what is heard meanwhile, without the buffer. */
  #fixed: number;
  /** What its buffer holds; not a whole number. */
  #held: number;
  #playedMs = 0;

  constructor({ thdPercent, thdAtDbfs, driftPpm, delayJump }: LoudspeakerOptions) {
    const bySamples = delayJump === undefined ? 0 : (delayJump.byMs * RATE_HZ) / 1_000;
    this.#distortion = thdPercent === 0 ? null : new Distortion(thdPercent, thdAtDbfs);
    this.#drift = driftPpm / 1e6;
    this.#jump = delayJump === undefined ? null : { atMs: delayJump.atMs, bySamples };
    this.#fixed = SINC_REACH + Math.max(0, -bySamples);
    this.#held = driftPpm === 0 ? 0 : BUFFER_SAMPLES;
    this.delayMs = LEAST_DELAY_MS + Math.max(0, -bySamples * 1_000) / RATE_HZ;
    const most = SINC_REACH + Math.abs(bySamples) + MOST_BUFFER_SAMPLES + 2 * FRAME_SAMPLES;
    this.#ring = new Float64Array(2 ** Math.ceil(Math.log2(most)));
  }

  /** Takes the next 10 ms and returns what leaves the loudspeaker meanwhile, in a buffer that the next call reuses. */
  play(playing: Frame16k): Frame16k {
    const ring = this.#ring;
    for (let index = 0; index < FRAME_SAMPLES; index += 1) {
      const sample = playing[index] ?? 0;
      ring[(this.#written + index) % ring.length] = this.#distortion?.bend(sample) ?? sample;
    }
    if (this.#jump !== null && this.#playedMs === Math.ceil(this.#jump.atMs / FRAME_MS) * FRAME_MS)
      this.#fixed += this.#jump.bySamples;
    for (let index = 0; index < FRAME_SAMPLES; index += 1) {
      const place = this.#written + index - this.#fixed - this.#held + ring.length;
      this.#out[index] = saturate(readBetween(ring, place));
      this.#held -= this.#drift;
      if (this.#held < 0) this.#held += FRAME_SAMPLES;
      else if (this.#held > MOST_BUFFER_SAMPLES) this.#held -= FRAME_SAMPLES;
    }
    this.#written = (this.#written + FRAME_SAMPLES) % ring.length;
    this.#playedMs += FRAME_MS;
    return this.#out;
  }
}
