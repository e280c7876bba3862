import type { WordSearch } from "./engines.ts";
import { FRAME_MS, type Frame16k, RATE_HZ } from "./frame.ts";
import { isSilent } from "./level.ts";
import { RingBuffer } from "./ring-buffer.ts";

/** The longest way of an echo, a step of the detector that hears it, and its smoothing, with as much to spare. */
const LATELY_MS = 2_000;
/** A detector looks back so far: what it needs to know of the sound before. */
const BEFORE_MS = 2_000;
/** After so much silence at the loudspeaker no word was played lately, whatever a step and its smoothing add. */
const REST_AFTER_MS = LATELY_MS + 500;
const SAMPLES_A_MS = RATE_HZ / 1_000;

/**
 * Whether the loudspeaker itself said the wake word lately. An echo canceller can be led to take an echo for a voice in
 * the room (a far end that whistles has it learn one pitch and nothing else), but what is played is known: whatever of
 * it the microphone hears commands nothing. What was played is looked through only when the microphone hears the word:
 * to listen to it all the time would cost 2 % of a core in a call.
 */
export class PlayedWake {
  readonly #search: WordSearch;
  readonly #played = new RingBuffer((BEFORE_MS + LATELY_MS) * SAMPLES_A_MS);
  #silentForMs = REST_AFTER_MS;

  constructor(search: WordSearch) {
    this.#search = search;
  }

  /** Takes 10 ms of the loudspeaker (copies it), each 10 ms and before the microphone hears them. */
  hear(playing: Frame16k): void {
    this.#silentForMs = isSilent(playing) ? this.#silentForMs + FRAME_MS : 0;
    this.#played.push(playing);
  }

  /** Something was played lately. */
  get lately(): boolean {
    return this.#silentForMs < REST_AFTER_MS;
  }

  /** False at once where nothing was played; else it takes some 60 ms. */
  saidLately(): false | Promise<boolean> {
    if (!this.lately) return false;
    const samples = new Int16Array(this.#played.held);
    this.#played.readBack(samples.length, samples);
    return this.#search.find(samples, samples.length - LATELY_MS * SAMPLES_A_MS);
  }
}
