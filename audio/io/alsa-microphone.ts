import type { Clock } from "#base/clock.ts";
import { AudioError } from "../audio-error.ts";
import { FRAME_SAMPLES, type Frame16k, RATE_HZ } from "../frame.ts";
import { Resampler } from "../resample.ts";
import { Pcm } from "./pcm.ts";

/** How long the process may stand still before sound is lost. */
const BUFFER_MS = 200;

export type MicrophoneOptions = Readonly<{
  clock: Clock;
  name: string;
  /** Which one of an array is listened to, from 0; null: the only or the first one. */
  channel: number | null;
  channels: number | null;
}>;

/** One channel of a capture PCM in frames of 10 ms at 16 kHz. */
export class AlsaMicrophone implements AsyncDisposable {
  readonly pcm: Pcm;
  readonly #channel: number;
  /** 10 ms as the device gives them. */
  readonly #raw: Int16Array;
  readonly #mono: Int16Array;
  readonly #resampler: Resampler | null;
  readonly #resampled: Int16Array;
  readonly #pieceFrames: number;

  private constructor(pcm: Pcm, channel: number) {
    this.pcm = pcm;
    this.#channel = channel;
    this.#pieceFrames = pcm.rateHz / 100;
    this.#raw = new Int16Array(this.#pieceFrames * pcm.channels);
    this.#mono = new Int16Array(this.#pieceFrames);
    this.#resampler = pcm.rateHz === RATE_HZ ? null : new Resampler(pcm.rateHz, RATE_HZ);
    this.#resampled = new Int16Array(this.#resampler?.mostFor(this.#pieceFrames) ?? 0);
  }

  static async open({ clock, name, channel, channels }: MicrophoneOptions): Promise<AlsaMicrophone> {
    const pcm = await Pcm.open({ clock, name, direction: "capture", channels, bufferMs: BUFFER_MS });
    if (channel !== null && channel >= pcm.channels) {
      await pcm[Symbol.asyncDispose]();
      const message = `the microphone (${name}) has ${pcm.channels} channels, counted from 0: there is no channel ${channel}`;
      throw new AudioError("device-failed", message, { name, channel, channels: pcm.channels });
    }
    return new AlsaMicrophone(pcm, channel ?? 0);
  }

  /** Fills `out` where 10 ms are there. A negative errno: it does not run. */
  take(out: Frame16k): boolean | number {
    const available = this.pcm.available();
    if (available < this.#pieceFrames) return available < 0 && available;
    const read = this.pcm.read(this.#raw, this.#pieceFrames);
    if (read !== this.#pieceFrames) return read < 0 && read;
    const { channels } = this.pcm;
    const into = this.#resampler === null ? out : this.#mono;
    for (let index = 0; index < into.length; index += 1) into[index] = this.#raw[index * channels + this.#channel] ?? 0;
    if (this.#resampler === null) return true;
    // Each rate that we take has a whole number of frames in 10 ms, which become 160 exactly.
    this.#resampler.process(this.#mono, this.#resampled);
    for (let index = 0; index < FRAME_SAMPLES; index += 1) out[index] = this.#resampled[index] ?? 0;
    return true;
  }

  /** When the next 10 ms should be there, in milliseconds from now. */
  dueInMs(): number {
    const missing = this.#pieceFrames - this.pcm.available();
    return Math.max(0, Math.min(10, (missing * 1_000) / this.pcm.rateHz));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pcm[Symbol.asyncDispose]();
  }
}
