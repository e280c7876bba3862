import { FRAME_MS, FRAME_SAMPLES, type Frame16k } from "./frame.ts";
import { FULL_SCALE } from "./level.ts";

/** A canceller is judged over so many frames at once. */
const WINDOW_FRAMES = 20;
/** It knows the room where it takes away so much (15 dB) of a window in which the loudspeaker is heard. */
const LEAST_TAKEN = 10 ** 1.5;
/** Below -45 dBFS at the loudspeaker, nothing is said of it. */
const LEAST_PLAYED = FRAME_SAMPLES * FULL_SCALE ** 2 * 10 ** -4.5;
/** For so long it is believed to know the room, while somebody speaks and it cannot be judged. */
const TRUSTED_MS = 5_000;
/** Where a tenth or more of the microphone's power is left, it was not the loudspeaker's. */
const LEAST_LEFT = 0.1;
/** Share of the frames before in the short-time power: some 30 ms. */
const KEPT = 0.7;
/** A voice has gaps. */
const HELD_MS = 200;

/**
 * Whether somebody in the room speaks while the loudspeaker plays, judged by what an adaptive filter leaves of the
 * microphone. False as long as the filter has not shown lately that it knows the room: what it leaves may be echo.
 */
export class NearVoice {
  #window = { frames: 0, played: 0, before: 0, after: 0 };
  #trustedForMs = 0;
  #before = 0;
  #after = 0;
  #heldForMs = 0;

  /** Powers of the same 10 ms: the loudspeaker's, the microphone's, and what the filter left. See `powerOf`. */
  look(played: number, before: number, after: number): boolean {
    this.#judge(played, before, after);
    this.#before = KEPT * this.#before + before;
    this.#after = KEPT * this.#after + after;
    this.#heldForMs = this.#after > LEAST_LEFT * this.#before ? HELD_MS : Math.max(0, this.#heldForMs - FRAME_MS);
    return this.#trustedForMs > 0 && this.#heldForMs > 0;
  }

  #judge(played: number, before: number, after: number): void {
    const window = this.#window;
    this.#trustedForMs = Math.max(0, this.#trustedForMs - FRAME_MS);
    window.frames += 1;
    window.played += played;
    window.before += before;
    window.after += after;
    if (window.frames < WINDOW_FRAMES) return;
    if (window.played > LEAST_PLAYED * WINDOW_FRAMES && window.before > LEAST_TAKEN * window.after)
      this.#trustedForMs = TRUSTED_MS;
    window.frames = 0;
    window.played = 0;
    window.before = 0;
    window.after = 0;
  }
}

export function powerOf(frame: Frame16k): number {
  let power = 0;
  for (const sample of frame) power += sample * sample;
  return power;
}
