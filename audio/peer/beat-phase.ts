import type { Clock } from "#base/clock.ts";
import { FRAME_MS } from "../frame.ts";

/** A loudspeaker that asks for nothing meanwhile has no beat to keep to. */
const LONGEST_BEAT_MS = 30;

/**
 * The library begins to play 11 ms after it was given the description that completes the pair, and keeps to that beat.
 * Given half-way between two of ours, each of its frames comes some 3 ms before it is needed, and not up to 10.
 */
export class BeatPhase {
  readonly #clock: Clock;
  #onBeat: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The loudspeaker takes a frame now. */
  beat(): void {
    this.#onBeat();
  }

  /** Resolves half-way between two beats, or after 35 ms without any. */
  async between(): Promise<void> {
    const beat = Promise.withResolvers<void>();
    const cancel = this.#clock.after(LONGEST_BEAT_MS, beat.resolve);
    this.#onBeat = beat.resolve;
    await beat.promise;
    this.#onBeat = () => undefined;
    cancel();
    const half = Promise.withResolvers<void>();
    this.#clock.after(FRAME_MS / 2, half.resolve);
    await half.promise;
  }
}
