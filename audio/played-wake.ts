import type { WakeDetector } from "./engines.ts";
import { FRAME_MS, type Frame16k } from "./frame.ts";
import { isSilent } from "./level.ts";

/** The longest way of an echo, a step of the detector that hears it, and its smoothing, with as much to spare. */
const HELD_MS = 2_000;
/** After so much silence at the loudspeaker no part of a word is left in the detector. */
const REST_AFTER_MS = 1_000;

/** How its detector listens: half a likeness is enough, and whoever says it again is noticed again. */
export const PLAYED_WAKE = { threshold: 1, refractoryMs: 300 } as const;

/**
 * Whether the loudspeaker itself said the wake word lately. An echo canceller can be led to take an echo for a voice in
 * the room (a far end that whistles has it learn one pitch and nothing else), but what is played is known: whatever of
 * it the microphone hears commands nothing.
 */
export class PlayedWake {
  readonly #wake: WakeDetector;
  #silentForMs = REST_AFTER_MS;
  #heldForMs = 0;

  constructor(wake: WakeDetector) {
    this.#wake = wake;
    wake.onWake(() => {
      this.#heldForMs = HELD_MS;
    });
  }

  /** Takes 10 ms of the loudspeaker (copies it), each 10 ms and before the microphone hears them. */
  hear(playing: Frame16k): void {
    this.#heldForMs = Math.max(0, this.#heldForMs - FRAME_MS);
    this.#silentForMs = isSilent(playing) ? this.#silentForMs + FRAME_MS : 0;
    if (this.#silentForMs < REST_AFTER_MS) this.#wake.push(playing);
  }

  get saidLately(): boolean {
    return this.#heldForMs > 0;
  }
}
