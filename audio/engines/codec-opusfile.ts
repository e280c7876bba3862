import koffi from "koffi";
import { AudioError } from "../audio-error.ts";
import type { SoundDecoder } from "../engines.ts";
import { RATE_HZ } from "../frame.ts";
import { LONGEST_PACKET_SAMPLES, OPUS_RATE_HZ } from "../opus-packet.ts";
import { Resampler } from "../resample.ts";
import { loadLibrary } from "./shared-library.ts";

/** libopusfile 0.12 (Debian: libopusfile0, BSD). Every call blocks: for a worker thread. */
const opusfile = bind();

/** opusfile.h: OP_ABSOLUTE_GAIN, so that no gain of the file's counts. */
const ABSOLUTE_GAIN = 3_009;

/** A native pointer; koffi's own type. */
type Pointer = unknown;

/** Plays what `checkSound` has let through, and nothing else should come here. */
export class OpusDecoder implements SoundDecoder {
  /** The file, outside of JavaScript's memory: the library reads it as long as it is open. */
  readonly #file: Pointer;
  readonly #resampler = new Resampler(OPUS_RATE_HZ, RATE_HZ);
  readonly #piece = new Int16Array(LONGEST_PACKET_SAMPLES);
  #handle: Pointer = null;

  constructor(file: Uint8Array) {
    this.#file = koffi.alloc("uint8_t", file.length);
    new Uint8Array(koffi.view(this.#file, file.length)).set(file);
    this.#handle = opusfile.open(this.#file, file.length, [0]);
    if (this.#handle === null) {
      koffi.free(this.#file);
      this.#resampler[Symbol.dispose]();
      throw new AudioError("bad-sound-file", "libopusfile cannot open the file");
    }
    opusfile.setGain(this.#handle, ABSOLUTE_GAIN, 0);
  }

  read(): Int16Array | null {
    const count: number =
      this.#handle === null ? 0 : opusfile.read(this.#handle, this.#piece, this.#piece.length, null);
    if (count === 0) return null;
    if (count < 0) throw new AudioError("bad-sound-file", "libopusfile cannot decode the file", { code: count });
    const out = new Int16Array(this.#resampler.mostFor(count));
    return out.subarray(0, this.#resampler.process(this.#piece.subarray(0, count), out));
  }

  [Symbol.dispose](): void {
    if (this.#handle === null) return;
    opusfile.close(this.#handle);
    koffi.free(this.#file);
    this.#resampler[Symbol.dispose]();
    this.#handle = null;
  }
}

function bind() {
  const library = loadLibrary("libopusfile.so.0", "libopusfile0");
  return {
    open: library.func("void *op_open_memory(const void *, size_t, _Out_ int *)"),
    setGain: library.func("int op_set_gain_offset(void *, int, int32_t)"),
    read: library.func("int op_read(void *, _Out_ int16_t *, int, int *)"),
    close: library.func("void op_free(void *)"),
  };
}
