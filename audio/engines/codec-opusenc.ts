import koffi from "koffi";
import { AudioError } from "../audio-error.ts";
import type { SoundEncoder } from "../engines.ts";
import { RATE_HZ } from "../frame.ts";
import { loadLibrary } from "./shared-library.ts";

/** libopusenc 0.2 (Debian: libopusenc0, BSD), its pull interface. Every call blocks: for a worker thread. */
const opusenc = bind();

/** Requests of opus_defines.h and opusenc.h, with what we ask for. */
const SETTINGS: readonly (readonly [name: string, request: number, value: number])[] = [
  ["application: voice", 4_000, 2_048],
  // With the container's 0.7 kbit/s and what constrained VBR overshoots, this stays below 24 kbit/s.
  ["bits per second", 4_002, 20_000],
  ["variable bit rate", 4_006, 1],
  ["constrained", 4_020, 1],
  ["signal: voice", 4_024, 3_001],
  ["frames of 20 ms", 4_040, 5_004],
  ["no padding behind the comments", 14_004, 0],
  // Not a random number: nothing in a file tells when or where it was made.
  ["serial number", 14_006, 1],
];

/** A native pointer; koffi's own type. */
type Pointer = unknown;

/** One file at a time, at 20 kbit/s. */
export class OpusEncoder implements SoundEncoder {
  #handle: Pointer = null;

  constructor() {
    const comments: Pointer = opusenc.createComments();
    this.#handle = opusenc.create(comments, RATE_HZ, 1, 0, [0]);
    opusenc.destroyComments(comments);
    if (this.#handle === null) throw new AudioError("engine-failed", "libopusenc cannot start");
    for (const [name, request, value] of SETTINGS)
      if (opusenc.control(this.#handle, request, "int", value) !== 0) {
        this[Symbol.dispose]();
        throw new AudioError("engine-failed", `libopusenc refused a setting: ${name}`);
      }
  }

  write(samples: Int16Array): Uint8Array {
    if (this.#handle === null || opusenc.write(this.#handle, samples, samples.length) !== 0)
      throw new AudioError("engine-failed", "libopusenc cannot encode");
    return this.#pages(0);
  }

  finish(): Uint8Array {
    if (this.#handle === null || opusenc.drain(this.#handle) !== 0)
      throw new AudioError("engine-failed", "libopusenc cannot end the file");
    return this.#pages(1);
  }

  [Symbol.dispose](): void {
    if (this.#handle !== null) opusenc.destroy(this.#handle);
    this.#handle = null;
  }

  /** A page belongs to the library until the next call: copied. */
  #pages(flush: 0 | 1): Uint8Array {
    const pages: Buffer[] = [];
    const [page, length]: [Pointer[], number[]] = [[null], [0]];
    while (opusenc.nextPage(this.#handle, page, length, flush) === 1)
      pages.push(Buffer.from(new Uint8Array(koffi.view(page[0], length[0] ?? 0))));
    return Buffer.concat(pages);
  }
}

function bind() {
  const library = loadLibrary("libopusenc.so.0", "libopusenc0");
  return {
    createComments: library.func("void *ope_comments_create()"),
    destroyComments: library.func("void ope_comments_destroy(void *)"),
    create: library.func("void *ope_encoder_create_pull(void *, int32_t, int, int, _Out_ int *)"),
    control: library.func("int ope_encoder_ctl(void *, int, ...)"),
    write: library.func("int ope_encoder_write(void *, const int16_t *, int)"),
    nextPage: library.func("int ope_encoder_get_page(void *, _Out_ void **, _Out_ int32_t *, int)"),
    drain: library.func("int ope_encoder_drain(void *)"),
    destroy: library.func("void ope_encoder_destroy(void *)"),
  };
}
