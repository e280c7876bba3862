import { AudioError } from "../audio-error.ts";
import type { Frame16k } from "../frame.ts";
import type { Tick } from "./io.ts";

/** What every device owes: it ticks only while it runs, and tells of one failure at most. */
export class Beat {
  #tick: Tick | null = null;
  #onFailure: (error: AudioError) => void = () => undefined;

  get running(): boolean {
    return this.#tick !== null;
  }

  start(tick: Tick, onFailure: (error: AudioError) => void): void {
    this.#tick = tick;
    this.#onFailure = onFailure;
  }

  /** A tick that throws is a failure like any other: nobody knows what state it left behind. */
  tick(microphone: Frame16k, playback: Frame16k): void {
    try {
      this.#tick?.(microphone, playback);
    } catch (cause) {
      this.fail(new AudioError("tick-failed", "what the sound is for failed on a frame of it", {}, cause));
    }
  }

  /** From now on nothing ticks. */
  fail(error: AudioError): void {
    if (!this.running) return;
    this.stop();
    this.#onFailure(error);
  }

  stop(): void {
    this.#tick = null;
  }
}
