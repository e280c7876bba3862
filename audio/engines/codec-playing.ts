import { AudioError } from "../audio-error.ts";
import type { SoundDecoder } from "../engines.ts";
import { EvenLevel } from "../even-level.ts";
import { RATE_HZ } from "../frame.ts";
import { checkSound } from "../ogg.ts";
import { OpusDecoder } from "./codec-opusfile.ts";

/** What is handed over at once: 100 ms or a little more. */
const PIECE_SAMPLES = RATE_HZ / 10;
/** A decoder that gives so much more than the file was found to hold is not to be trusted. */
const SLACK_SAMPLES = RATE_HZ;

/** One file in the codec's thread: checked to the last byte before the decoder sees the first, then decoded in pieces. */
export class Playing implements Disposable {
  readonly #decoder: SoundDecoder;
  readonly #level = new EvenLevel();
  #left: number;
  #over = false;

  /** Throws an AudioError `bad-sound-file` where the file is not a message of this duration. */
  constructor(file: Uint8Array, durationMs: number) {
    const checked = checkSound(file, durationMs);
    if (!checked.ok) throw new AudioError("bad-sound-file", `a message cannot be played: ${checked.fault}`);
    this.#left = (checked.durationMs * RATE_HZ) / 1_000 + SLACK_SAMPLES;
    this.#decoder = new OpusDecoder(file);
  }

  /** The next piece, at the level of a call; null after the last. The buffer is the receiver's. */
  next(): { samples: Int16Array<ArrayBuffer>; last: boolean } | null {
    if (this.#over) return null;
    const found: Int16Array[] = [];
    let count = 0;
    while (count < PIECE_SAMPLES && !this.#over) {
      const decoded = this.#decoder.read();
      this.#over = decoded === null;
      const even = decoded === null ? this.#level.finish() : this.#level.process(decoded);
      this.#left -= decoded?.length ?? 0;
      if (this.#left < 0) throw new AudioError("bad-sound-file", "a message is longer than it can be");
      found.push(even);
      count += even.length;
    }
    const samples = new Int16Array(count);
    let at = 0;
    for (const each of found) {
      samples.set(each, at);
      at += each.length;
    }
    return { samples, last: this.#over };
  }

  [Symbol.dispose](): void {
    this.#decoder[Symbol.dispose]();
  }
}
