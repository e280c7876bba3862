import { FRAME_MS, FRAME_SAMPLES, type Frame16k } from "./frame.ts";
import type { Report } from "./protocol.ts";
import { TAKE_MS } from "./protocol-teach.ts";

type TakenWhy = Extract<Report, { type: "taken" }>["why"];
type TakeOptions = Readonly<{
  /** Starts the tone; `toneOver` is asked until it has been played. */
  startTone: () => void;
  toneOver: () => boolean;
  /** Once for each `take`. `samples`: empty unless it is whole; the receiver's. */
  onTaken: (id: string, why: TakenWhy, samples: Int16Array) => void;
}>;

/** After the tone, until its echo is gone. */
const ECHO_MS = 60;
/** What the unit has to say before it is not that long. */
const LONGEST_WAIT_MS = 12_000;

type State =
  | { readonly at: "idle" }
  | { readonly at: "waiting"; readonly id: string; waitedMs: number }
  | { readonly at: "tone"; readonly id: string; quietMs: number }
  | { readonly at: "taking"; readonly id: string; readonly samples: Int16Array; taken: number };

/** Records one word that the owner teaches, of a fixed length. */
export class TakeRecorder {
  readonly #options: TakeOptions;
  #state: State = { at: "idle" };

  constructor(options: TakeOptions) {
    this.#options = options;
  }

  /** True from the tone to the end: what is said then wakes and commands nothing. */
  get active(): boolean {
    return this.#state.at === "tone" || this.#state.at === "taking";
  }

  take(id: string): void {
    this.stop("interrupted");
    this.#state = { at: "waiting", id, waitedMs: 0 };
  }

  /** Called each 10 ms. `free`: nothing is being said, played or listened to. */
  attend(free: boolean): void {
    const state = this.#state;
    if (state.at === "waiting" && free) {
      this.#options.startTone();
      this.#state = { at: "tone", id: state.id, quietMs: 0 };
    } else if (state.at === "waiting") {
      state.waitedMs += FRAME_MS;
      if (state.waitedMs > LONGEST_WAIT_MS) this.stop("interrupted");
    } else if (state.at === "tone" && this.#options.toneOver()) {
      state.quietMs += FRAME_MS;
      if (state.quietMs <= ECHO_MS) return;
      const samples = new Int16Array((TAKE_MS / FRAME_MS) * FRAME_SAMPLES);
      this.#state = { at: "taking", id: state.id, samples, taken: 0 };
    }
  }

  /** Takes 10 ms of what the wake word hears (copies it). */
  hear(frame: Frame16k): void {
    const state = this.#state;
    if (state.at !== "taking") return;
    state.samples.set(frame, state.taken);
    state.taken += frame.length;
    if (state.taken < state.samples.length) return;
    this.#state = { at: "idle" };
    this.#options.onTaken(state.id, "whole", state.samples);
  }

  /** Nothing of what was begun is kept. */
  stop(why: Exclude<TakenWhy, "whole">): void {
    const state = this.#state;
    this.#state = { at: "idle" };
    if (state.at !== "idle") this.#options.onTaken(state.id, why, new Int16Array());
  }
}
