import type { Clock } from "#base/clock.ts";
import { FRAME_MS } from "./frame.ts";
import { BEAT_EVERY_MS, type Report } from "./protocol.ts";

const FRAMES_A_BEAT = BEAT_EVERY_MS / FRAME_MS;
/** A device that hands over its sound in large pieces is not without it. */
const SOUNDLESS_MS = 2 * BEAT_EVERY_MS;

type Beat = Extract<Report, { type: "beat" }>;
type HeartbeatOptions = Readonly<{
  clock: Clock;
  /** `written`: it is out. */
  send: (beat: Beat, written: () => void) => void;
}>;

/**
 * Tells the brain that the 10 ms path runs: driven by that path, since a timer would go on where the sound stands
 * still. Where no sound comes, a timer does tell that at least this process runs, so that its device gets time to
 * recover. While one beat waits to be written no other is made: they must not pile up before a brain that does not read.
 */
export class Heartbeat implements Disposable {
  readonly #options: HeartbeatOptions;
  readonly #written = (): void => {
    this.#waits = false;
  };
  #frames = 0;
  #lastFrameMs: number;
  #waits = false;
  #cancel: () => void = () => undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#lastFrameMs = options.clock.monotonicMs();
    this.#look();
  }

  /** 10 ms were heard and played. */
  tick(): void {
    this.#frames += 1;
    if (this.#frames < FRAMES_A_BEAT) return;
    this.#frames = 0;
    this.#lastFrameMs = this.#options.clock.monotonicMs();
    this.#beat(SOUNDING);
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }

  #look(): void {
    const { clock } = this.#options;
    this.#cancel = clock.after(BEAT_EVERY_MS, () => {
      if (clock.monotonicMs() - this.#lastFrameMs > SOUNDLESS_MS) this.#beat(SOUNDLESS);
      this.#look();
    });
  }

  #beat(beat: Beat): void {
    if (this.#waits) return;
    this.#waits = true;
    this.#options.send(beat, this.#written);
  }
}

const SOUNDING: Beat = { type: "beat", sounds: true };
const SOUNDLESS: Beat = { type: "beat", sounds: false };
