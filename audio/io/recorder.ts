import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { AudioError } from "../audio-error.ts";
import { FRAME_SAMPLES, type Frame16k, RATE_HZ } from "../frame.ts";
import { WAV_HEADER_BYTES, wavHeader } from "../wav.ts";

/** Sound is handed to the disk in pieces of half a second. */
const PIECE_SAMPLES = RATE_HZ / 2;
/** Half a minute: where the disk is slower than that, sound is lost rather than memory. */
const MOST_PIECES_WAITING = 60;

/**
 * Records one track into a WAV file. `push` only copies; the disk is written in the background, and the header with
 * each piece, so that a killed process leaves a file that can be played.
 */
export class Recorder {
  readonly #file: FileHandle;
  #piece = new Int16Array(PIECE_SAMPLES);
  #filled = 0;
  #written = 0;
  #waiting = 0;
  #lost = 0;
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown = null;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(folder: string, track: string): Promise<Recorder> {
    try {
      await mkdir(folder, { recursive: true });
      const file = await open(join(folder, `${track}.wav`), "w");
      await file.write(wavHeader(0), 0, WAV_HEADER_BYTES, 0);
      return new Recorder(file);
    } catch (cause) {
      throw new AudioError("device-failed", "cannot write the recording", { track }, cause);
    }
  }

  push(frame: Frame16k): void {
    this.#piece.set(frame, this.#filled);
    this.#filled += FRAME_SAMPLES;
    if (this.#filled === PIECE_SAMPLES) this.#handOver();
  }

  /** Writes what is left and closes the file; rejects where anything was lost on the way. */
  async finish(): Promise<void> {
    if (this.#filled > 0) this.#handOver();
    await this.#writing;
    await this.#file.close();
    if (this.#failure !== null)
      throw new AudioError("device-failed", "the recording could not be written", {}, this.#failure);
    if (this.#lost > 0)
      throw new AudioError("device-failed", "the disk was too slow for the recording", { lostSamples: this.#lost });
  }

  #handOver(): void {
    const piece = this.#piece.subarray(0, this.#filled);
    this.#piece = new Int16Array(PIECE_SAMPLES);
    this.#filled = 0;
    if (this.#waiting >= MOST_PIECES_WAITING || this.#failure !== null) {
      this.#lost += piece.length;
      return;
    }
    this.#waiting += 1;
    this.#writing = this.#writing
      .then(() => this.#write(piece))
      .catch((cause: unknown) => {
        this.#failure ??= cause;
      })
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  async #write(piece: Int16Array): Promise<void> {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    await this.#file.write(bytes, 0, bytes.length, WAV_HEADER_BYTES + this.#written * 2);
    this.#written += piece.length;
    await this.#file.write(wavHeader(this.#written), 0, WAV_HEADER_BYTES, 0);
  }
}
