import { FRAME_SAMPLES, type Frame16k } from "../frame.ts";

/** Frames held at most; beyond it the oldest go. */
const MOST_FRAMES = 6;
/** Over so many frames (1 s) at least one must have been needless before one is taken out. */
const WATCH_FRAMES = 100;

/**
 * Carries frames from the network's beat to the loudspeaker's: both are 10 ms of the same clock, at different
 * moments. Holds as little as their jitter allows: a frame that comes too late leaves a gap once and waits from then
 * on; a frame that nobody needed for a second is taken out by blending two into one. What is lost or blended fades,
 * so that nothing clicks.
 */
export class Playout {
  readonly #frames = Array.from({ length: MOST_FRAMES }, () => new Int16Array(FRAME_SAMPLES));
  readonly #last = new Int16Array(FRAME_SAMPLES);
  #first = 0;
  #count = 0;
  #fewestLeft = MOST_FRAMES;
  #watched = 0;
  #gap = true;

  /** Frames that wait, 10 ms each. */
  get waiting(): number {
    return this.#count;
  }

  /** Takes one frame (copies it). */
  push(frame: Frame16k): void {
    if (this.#count === MOST_FRAMES) this.#drop();
    this.#at(this.#count).set(frame);
    this.#count += 1;
  }

  /** Writes the next 10 ms to `out`; false, and `out` all zero or fading, where none has come. */
  pull(out: Frame16k): boolean {
    if (this.#count === 0) {
      this.#fillGap(out);
      return false;
    }
    out.set(this.#at(0));
    this.#drop();
    if (this.#gap) fadeIn(out);
    this.#gap = false;
    this.#watch(out);
    this.#last.set(out);
    return true;
  }

  #at(index: number): Int16Array {
    const frame = this.#frames[(this.#first + index) % MOST_FRAMES];
    if (frame === undefined) throw new RangeError("no such frame");
    return frame;
  }

  #drop(): void {
    this.#first = (this.#first + 1) % MOST_FRAMES;
    this.#count -= 1;
  }

  /** The last frame backwards, fading: it goes on where the sound broke off. */
  #fillGap(out: Frame16k): void {
    if (this.#gap) out.fill(0);
    else
      for (let index = 0; index < FRAME_SAMPLES; index += 1)
        out[index] = (this.#last[FRAME_SAMPLES - 1 - index] ?? 0) * (1 - (index + 1) / FRAME_SAMPLES);
    this.#gap = true;
    this.#watched = 0;
    this.#fewestLeft = MOST_FRAMES;
  }

  #watch(out: Frame16k): void {
    this.#fewestLeft = Math.min(this.#fewestLeft, this.#count);
    this.#watched += 1;
    if (this.#watched < WATCH_FRAMES) return;
    if (this.#fewestLeft > 0) {
      const next = this.#at(0);
      for (let index = 0; index < FRAME_SAMPLES; index += 1) {
        const share = (index + 1) / FRAME_SAMPLES;
        out[index] = (out[index] ?? 0) * (1 - share) + (next[index] ?? 0) * share;
      }
      this.#drop();
    }
    this.#watched = 0;
    this.#fewestLeft = MOST_FRAMES;
  }
}

function fadeIn(frame: Frame16k): void {
  for (let index = 0; index < FRAME_SAMPLES; index += 1)
    frame[index] = (frame[index] ?? 0) * ((index + 1) / FRAME_SAMPLES);
}
