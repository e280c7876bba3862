import { OPUS_FRAME_BYTES } from "../engines/live-opus.ts";
import { FRAME_MS } from "../frame.ts";

/** What it keeps room for: a frame later than this is nothing, one so much newer begins anew. */
const SLOTS = 64;
/** No more than this ever waits: beyond it the oldest is left out. */
export const MOST_WAITING = 30;
/** How the lateness of frames is looked at: the last 4 s, every 100 ms. */
const WINDOW = 400;
const LEARN_EVERY = 10;
/** So many of the arrivals may be too late: what that costs is a frame made up. */
const IN_TIME = 0.95;
/** What comes closer together than this was held up by one and the same: only the first counts, the latest of them. */
const TOGETHER_MS = 1;
/** Nothing waits longer than this for what may still come. */
const MOST_TARGET_MS = 200;
/** A frame that waits this much longer than it must is one too many; 10 ms of it are the raster's. */
const NEEDLESS_MS = FRAME_MS + 1.5;

/**
 * Holds encoded frames between the network's beat and the loudspeaker's, and no longer than the network is late: by its
 * lateness in the last seconds, in milliseconds. Every frame is given out once at most, in order. Pure; nothing is allocated.
 *
 * A frame that is not there when it is needed is made up by whoever asked, and waited for: that is how the wait grows.
 * It shrinks when the one who asks plays two frames in the time of one, where `hasOneTooMany`.
 */
export class JitterBuffer {
  readonly #frames = Array.from({ length: SLOTS }, () => new Uint8Array(OPUS_FRAME_BYTES));
  readonly #numbers = new Float64Array(SLOTS).fill(-1);
  /** How long after its number each frame came, oldest overwritten; and the same in order. */
  readonly #transitsMs = new Float64Array(WINDOW);
  readonly #sortedMs = new Float64Array(WINDOW);
  #came = 0;
  #lastCameMs = Number.NEGATIVE_INFINITY;
  #asked = 0;
  #leastMs = 0;
  #targetMs = 0;
  /** The next to be played, and the newest that came; -1 before the first. */
  #next = -1;
  #newest = -1;

  /** How long after its earliest possible moment a frame is to be played, so that nearly all are there. */
  get targetMs(): number {
    return this.#targetMs;
  }

  /** Frames from the one to be played next to the newest. */
  get waiting(): number {
    return this.#next < 0 ? 0 : Math.max(0, this.#newest - this.#next + 1);
  }

  /** Takes the frame that stands in `bytes` from `at` on (copies it); twice, or too late, is nothing. */
  put(number: number, bytes: Uint8Array, at: number, nowMs: number): void {
    if (this.#next < 0 || number >= this.#newest + SLOTS) this.#begin(number);
    if (number <= this.#newest - SLOTS) return;
    const slot = number % SLOTS;
    const known = this.#numbers[slot] ?? -1;
    if (known >= number) return;
    if (nowMs - this.#lastCameMs >= TOGETHER_MS) this.#note(nowMs - number * FRAME_MS);
    this.#lastCameMs = nowMs;
    if (number > this.#newest) this.#newest = number;
    // Too late to be played, but its lateness counts.
    this.#numbers[slot] = number;
    const frame = this.#frames[slot];
    if (frame !== undefined)
      for (let index = 0; index < OPUS_FRAME_BYTES; index += 1) frame[index] = bytes[at + index] ?? 0;
    if (this.#newest - this.#next >= MOST_WAITING) this.#next = this.#newest - MOST_WAITING + 1;
  }

  /** The frame for the next 10 ms, valid until the next `put`; null where one has to be made up. */
  take(nowMs: number): Uint8Array | null {
    this.#asked += 1;
    if (this.#asked % LEARN_EVERY === 0) this.#learn();
    if (this.#next < 0) return null;
    // Time has been made up for these already.
    while (!this.#has(this.#next) && this.#next < this.#newest && this.#slackMs(nowMs) >= this.#targetMs + FRAME_MS)
      this.#next += 1;
    if (this.#has(this.#next)) {
      const frame = this.#frames[this.#next % SLOTS] ?? null;
      this.#next += 1;
      return frame;
    }
    if (this.#next < this.#newest && this.#slackMs(nowMs) >= this.#targetMs) this.#next += 1;
    return null;
  }

  /** Whether the next frame is there, and would still be in time 10 ms from now. */
  hasOneTooMany(nowMs: number): boolean {
    return this.#has(this.#next) && this.#slackMs(nowMs) >= this.#targetMs + NEEDLESS_MS;
  }

  /** How long after its earliest possible moment the next frame would be played now. */
  #slackMs(nowMs: number): number {
    return nowMs - this.#next * FRAME_MS - this.#leastMs;
  }

  #has(number: number): boolean {
    return this.#numbers[number % SLOTS] === number;
  }

  #begin(number: number): void {
    this.#numbers.fill(-1);
    this.#next = number;
    this.#newest = number;
    this.#came = 0;
    this.#lastCameMs = Number.NEGATIVE_INFINITY;
  }

  #note(transitMs: number): void {
    this.#transitsMs[this.#came % WINDOW] = transitMs;
    this.#came += 1;
    // At the beginning each is news.
    if (this.#came <= LEARN_EVERY) this.#learn();
  }

  #learn(): void {
    const count = Math.min(this.#came, WINDOW);
    if (count === 0) return;
    const sorted = this.#sortedMs.subarray(0, count);
    sorted.set(this.#transitsMs.subarray(0, count));
    sorted.sort();
    this.#leastMs = sorted[0] ?? 0;
    const late = (sorted[Math.floor((count - 1) * IN_TIME)] ?? 0) - this.#leastMs;
    this.#targetMs = Math.min(MOST_TARGET_MS, late);
  }
}
