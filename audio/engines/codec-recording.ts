import { RATE_HZ } from "../frame.ts";
import { LONGEST_MESSAGE_MS } from "../protocol.ts";
import { OpusEncoder } from "./codec-opusenc.ts";

/** More than this does not wait to be decided on: 20 s. Whoever records decides much sooner. */
const MOST_WAITING_SAMPLES = 20 * RATE_HZ;
const MOST_SAMPLES = (LONGEST_MESSAGE_MS * RATE_HZ) / 1_000;

/** One recording in the codec's thread: what was decided on is in the encoder, the rest waits. */
export class Recording implements Disposable {
  readonly #waiting = new Int16Array(MOST_WAITING_SAMPLES);
  #count = 0;
  /** Where in the recording the first sample that waits lies. */
  #at = 0;
  #kept = 0;
  #encoder: OpusEncoder | null = null;

  /** Sound for which no room is left is lost. */
  add(samples: Int16Array): void {
    const room = samples.subarray(0, this.#waiting.length - this.#count);
    this.#waiting.set(room, this.#count);
    this.#count += room.length;
  }

  /** What waits, of these places; a view, valid until the next call. */
  heard(from: number, until: number): Int16Array {
    return this.#waiting.subarray(this.#indexOf(from), this.#indexOf(until));
  }

  /** Encodes what lies between and forgets what lies before; returns the next bytes of the file. */
  keep(from: number, until: number): Uint8Array {
    const samples = this.heard(from, until).slice(0, MOST_SAMPLES - this.#kept);
    const gone = this.#indexOf(until);
    this.#waiting.copyWithin(0, gone, this.#count);
    this.#count -= gone;
    this.#at += gone;
    if (samples.length === 0) return new Uint8Array(0);
    this.#kept += samples.length;
    this.#encoder ??= new OpusEncoder();
    return this.#encoder.write(samples);
  }

  finish(from: number, until: number): { bytes: Uint8Array; durationMs: number } {
    const bytes = this.keep(from, until);
    if (this.#encoder === null) return { bytes, durationMs: 0 };
    const durationMs = Math.round((this.#kept * 1_000) / RATE_HZ);
    return { bytes: Buffer.concat([bytes, this.#encoder.finish()]), durationMs };
  }

  [Symbol.dispose](): void {
    this.#encoder?.[Symbol.dispose]();
    this.#waiting.fill(0);
  }

  #indexOf(place: number): number {
    return Math.max(0, Math.min(this.#count, place - this.#at));
  }
}
