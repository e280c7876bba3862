import type { Clock } from "#base/clock.ts";
import { FRAME_MS, type Frame16k, RATE_HZ } from "../frame.ts";
import { Resampler } from "../resample.ts";
import { ERRNO } from "./alsa-error.ts";
import { Pcm } from "./pcm.ts";

const BUFFER_MS = 400;
/** How much waits in the device before it starts; each time that it runs dry, 10 ms more, up to the most. */
const FIRST_AHEAD_MS = 30;
const MOST_AHEAD_MS = 150;
/** Of more than this over what is needed, 10 ms are left out: a clock that runs slower, or sound made up for. */
const SLACK_MS = 30;
/** Over so many frames the least is looked for that ever waited. */
const WATCHED_FRAMES = 100;

/**
 * A playback PCM that is given frames of 10 ms at 16 kHz. It starts once enough waits that it does not run dry, and
 * keeps what is written meanwhile, so that all of it is played, in order. What waits is bounded: the sound of a call
 * never falls behind for good.
 */
export class AlsaLoudspeaker implements AsyncDisposable {
  readonly pcm: Pcm;
  readonly #resampler: Resampler | null;
  readonly #resampled: Int16Array;
  readonly #pieceFrames: number;
  /** What was not taken yet: whole pieces, as the device wants them. */
  readonly #waiting: Int16Array;
  #waitingFrames = 0;
  #aheadFrames: number;
  #state: "filling" | "starting" | "playing" = "filling";
  #leastFill = Number.POSITIVE_INFINITY;
  #watched = 0;
  /** Pieces that were written one after the other while nothing was taken. */
  #refused10ms = 0;

  private constructor(pcm: Pcm) {
    this.pcm = pcm;
    this.#pieceFrames = pcm.rateHz / 100;
    this.#resampler = pcm.rateHz === RATE_HZ ? null : new Resampler(RATE_HZ, pcm.rateHz);
    this.#resampled = new Int16Array(this.#resampler?.mostFor(RATE_HZ / 100) ?? 0);
    this.#waiting = new Int16Array(this.#frames(BUFFER_MS) * pcm.channels);
    this.#aheadFrames = Math.max(this.#frames(FIRST_AHEAD_MS), 2 * pcm.periodFrames);
  }

  static async open(clock: Clock, name: string): Promise<AlsaLoudspeaker> {
    return new AlsaLoudspeaker(
      await Pcm.open({ clock, name, direction: "playback", channels: null, bufferMs: BUFFER_MS }),
    );
  }

  /** How long nothing was taken, in milliseconds. */
  get refusedMs(): number {
    return this.#refused10ms * FRAME_MS;
  }

  /** What waits to be played, in milliseconds. */
  get fillMs(): number {
    const { bufferFrames, rateHz } = this.pcm;
    const held = this.#state === "playing" ? Math.max(0, bufferFrames - Math.max(0, this.pcm.available())) : 0;
    return ((held + this.#waitingFrames) * 1_000) / rateHz;
  }

  /** 10 ms to play, copied. Answers a negative errno where the device is lost. Rejects nothing, waits for nothing. */
  write(frame: Frame16k, onFailure: (cause: unknown) => void): number {
    if (this.#state === "playing" && this.#isBehind()) return 0;
    this.#append(frame);
    if (this.#state === "filling" && this.#waitingFrames >= this.#aheadFrames) this.#begin(onFailure);
    if (this.#state !== "playing") return 0;
    const answer = this.#handOver();
    if (answer === -ERRNO.EPIPE || answer === -ERRNO.ESTRPIPE) return this.#recover(onFailure);
    return answer === -ERRNO.EAGAIN ? 0 : answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pcm[Symbol.asyncDispose]();
  }

  #append(frame: Frame16k): void {
    const { channels } = this.pcm;
    if ((this.#waitingFrames + this.#pieceFrames) * channels > this.#waiting.length) {
      this.#refused10ms += 1;
      return;
    }
    let mono = frame;
    if (this.#resampler !== null) {
      this.#resampler.process(frame, this.#resampled);
      mono = this.#resampled;
    }
    let at = this.#waitingFrames * channels;
    for (let index = 0; index < this.#pieceFrames; index += 1)
      for (let channel = 0; channel < channels; channel += 1) this.#waiting[at++] = mono[index] ?? 0;
    this.#waitingFrames += this.#pieceFrames;
  }

  /** What waits is written first, then the device started: so it does not run dry at once. */
  #begin(onFailure: (cause: unknown) => void): void {
    this.#handOver();
    this.#state = "starting";
    this.pcm.start().then(() => {
      this.#state = "playing";
    }, onFailure);
  }

  /** It ran dry: more shall wait from now on. What was not written yet is kept. */
  #recover(onFailure: (cause: unknown) => void): number {
    this.#aheadFrames = Math.min(this.#aheadFrames + this.#pieceFrames, this.#frames(MOST_AHEAD_MS));
    this.#state = "starting";
    this.#leastFill = Number.POSITIVE_INFINITY;
    this.pcm.prepare().then(() => {
      this.#state = "filling";
    }, onFailure);
    return 0;
  }

  #handOver(): number {
    const { channels } = this.pcm;
    const written = this.#waitingFrames === 0 ? 0 : this.pcm.write(this.#waiting, this.#waitingFrames);
    if (written <= 0) return written;
    this.#refused10ms = 0;
    this.#waiting.copyWithin(0, written * channels, this.#waitingFrames * channels);
    this.#waitingFrames -= written;
    return written;
  }

  /** Whether what waits never went low for a second: then 10 ms can be left out without a gap. */
  #isBehind(): boolean {
    const available = this.pcm.available();
    if (available < 0) return false;
    this.#leastFill = Math.min(this.#leastFill, this.pcm.bufferFrames - available + this.#waitingFrames);
    this.#watched += 1;
    if (this.#watched < WATCHED_FRAMES) return false;
    const isBehind = this.#leastFill > this.#aheadFrames + this.#frames(SLACK_MS);
    this.#leastFill = Number.POSITIVE_INFINITY;
    // While behind, every tenth of a second counts: 10 ms of each are left out until it is made up for.
    this.#watched = isBehind ? WATCHED_FRAMES - 10 : 0;
    return isBehind;
  }

  #frames(ms: number): number {
    return (this.pcm.rateHz * ms) / 1_000;
  }
}
