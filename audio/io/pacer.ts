import type { Clock } from "#base/clock.ts";
import { FRAME_MS } from "../frame.ts";

/** Frames that may be made up for in one go; after a longer stall the rest is dropped. */
const MOST_AT_ONCE = 5;

type PacerOptions = Readonly<{
  clock: Clock;
  /** One frame is due. */
  onFrame: () => void;
  /** So many frames were due while the process stood still, and will never come. */
  onDropped: (frames10ms: number) => void;
}>;

/**
 * A beat of 10 ms that follows the monotonic clock without drift. A late beat is made up for by a short burst; after
 * a stall of more than 50 ms the frames in between are dropped, as a sound card would overrun.
 */
export class Pacer implements Disposable {
  readonly #options: PacerOptions;
  #startedMs: number | null = null;
  #done = 0;
  #cancel: () => void = () => undefined;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#startedMs !== null;
  }

  /** When the last beat was due, by the monotonic clock: not when it came, which is always a little later. */
  get beatMs(): number {
    return (this.#startedMs ?? this.#options.clock.monotonicMs()) + this.#done * FRAME_MS;
  }

  start(): void {
    if (this.#startedMs !== null) return;
    this.#startedMs = this.#options.clock.monotonicMs();
    this.#done = 0;
    this.#arm();
  }

  [Symbol.dispose](): void {
    this.#startedMs = null;
    this.#cancel();
  }

  #arm(): void {
    if (this.#startedMs === null) return;
    const dueMs = this.#startedMs + (this.#done + 1) * FRAME_MS;
    const waitMs = Math.max(0, Math.ceil(dueMs - this.#options.clock.monotonicMs()));
    this.#cancel = this.#options.clock.after(waitMs, () => this.#beat());
  }

  #beat(): void {
    if (this.#startedMs === null) return;
    const due = Math.floor((this.#options.clock.monotonicMs() - this.#startedMs) / FRAME_MS) - this.#done;
    const dropped = due > MOST_AT_ONCE ? due - 1 : 0;
    if (dropped > 0) {
      this.#done += dropped;
      this.#options.onDropped(dropped);
    }
    for (let frame = dropped; frame < due; frame += 1) {
      this.#done += 1;
      this.#options.onFrame();
    }
    this.#arm();
  }
}
