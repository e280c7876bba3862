import type { Clock } from "#base/clock.ts";
import { AudioError } from "../audio-error.ts";
import { FRAME_SAMPLES } from "../frame.ts";
import { Beat } from "./beat.ts";
import type { SoundDevice, Tick } from "./io.ts";
import { Pacer } from "./pacer.ts";

/** A card that cannot be opened is tried again at this distance, doubled each time up to the longest. */
const RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;
/** Whatever ran for so long is tried again at once. */
const STEADY_MS = 10_000;

type SteadyOptions = Readonly<{
  clock: Clock;
  /** Makes the device anew: a card that was unplugged may come back as another one. */
  open: () => Promise<SoundDevice>;
  /** It is gone, or could not be opened; told once, and again where the reason changes. */
  onLost: (error: AudioError) => void;
  /** It runs again. */
  onBack: () => void;
}>;

/**
 * A device that outlives its card. While there is none the beat goes on, with silence in and nothing played, so that
 * a call stays up and timers count; the card is looked for again and again.
 */
export class SteadyDevice implements SoundDevice {
  readonly #options: SteadyOptions;
  readonly #beat = new Beat();
  readonly #pacer: Pacer;
  readonly #silence = new Int16Array(FRAME_SAMPLES);
  readonly #unheard = new Int16Array(FRAME_SAMPLES);
  #device: SoundDevice | null = null;
  #trying: Promise<void> = Promise.resolve();
  #lost: AudioError | null = null;
  #startedMs = 0;
  #retryMs = RETRY_MS;
  #cancelRetry: () => void = () => undefined;

  constructor(options: SteadyOptions) {
    this.#options = options;
    this.#pacer = new Pacer({ clock: options.clock, onFrame: () => this.#tickSilence(), onDropped: () => undefined });
  }

  get delayMs(): number {
    return this.#device?.delayMs ?? 0;
  }

  /** Resolves after the first try, with a card or without. */
  start(tick: Tick, onFailure: (error: AudioError) => void): Promise<void> {
    this.#beat.start(tick, onFailure);
    this.#trying = this.#try();
    return this.#trying;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#beat.stop();
    this.#cancelRetry();
    this.#pacer[Symbol.dispose]();
    await this.#trying;
    await this.#device?.[Symbol.asyncDispose]();
  }

  async #try(): Promise<void> {
    let device: SoundDevice | null = null;
    try {
      const opened = await this.#options.open();
      device = opened;
      this.#device = opened;
      await opened.start(
        (microphone, playback) => {
          this.#pacer[Symbol.dispose]();
          this.#beat.tick(microphone, playback);
        },
        (error) => this.#lose(opened, error),
      );
      // It may be lost already.
      if (this.#device !== opened) return;
      this.#startedMs = this.#options.clock.monotonicMs();
      if (this.#lost !== null) this.#options.onBack();
      this.#lost = null;
    } catch (cause) {
      this.#device = null;
      this.#goOnWithout(asAudioError(cause), device);
    }
  }

  #lose(device: SoundDevice, error: AudioError): void {
    if (this.#device !== device) return;
    this.#device = null;
    if (this.#options.clock.monotonicMs() - this.#startedMs > STEADY_MS) this.#retryMs = RETRY_MS;
    this.#goOnWithout(error, device);
  }

  /** `held`: what must be let go of before anything is opened again. */
  #goOnWithout(error: AudioError, held: AsyncDisposable | null): void {
    if (!this.#beat.running) return;
    this.#pacer.start();
    if (this.#lost?.message !== error.message) this.#options.onLost(error);
    this.#lost = error;
    const released = release(held);
    this.#trying = released;
    this.#cancelRetry = this.#options.clock.after(this.#retryMs, () => {
      this.#trying = released.then(() => this.#try());
    });
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  #tickSilence(): void {
    // Whoever is given the frame may write into it.
    this.#silence.fill(0);
    this.#beat.tick(this.#silence, this.#unheard);
  }
}

async function release(held: AsyncDisposable | null): Promise<void> {
  await held?.[Symbol.asyncDispose]();
}

function asAudioError(cause: unknown): AudioError {
  return cause instanceof AudioError ? cause : new AudioError("device-failed", "the sound card failed", {}, cause);
}
