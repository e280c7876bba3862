import { AudioError } from "../audio-error.ts";
import { FRAME_SAMPLES, type Frame16k, RATE_HZ } from "../frame.ts";
import { loadLibrary } from "./shared-library.ts";

/** Of each 10 ms: 32 kbit/s, always (hard CBR). */
export const OPUS_FRAME_BYTES = 40;

/** Requests of opus_defines.h, with what we ask for. Complexity 5 encodes 3 dB better than 3, and 9 no better than 5. */
const SETTINGS: readonly (readonly [name: string, request: number, value: number])[] = [
  ["bits per second", 4_002, (OPUS_FRAME_BYTES * 8 * RATE_HZ) / FRAME_SAMPLES],
  ["one size", 4_006, 0],
  ["complexity", 4_010, 5],
  ["signal: voice", 4_024, 3_001],
];
/** Without speech modes, which look 6.5 ms ahead: 2.5 ms. */
const RESTRICTED_LOWDELAY = 2_051;

/** A native pointer; koffi's own type. */
type Pointer = unknown;

/** libopus 1.3 (Debian: libopus0, BSD). */
let library: ReturnType<typeof bind> | null = null;

/** Encodes a call's sound, 10 ms at a time, on the thread of the sound: 0.05–0.09 ms each. Nothing is allocated. */
export class LiveEncoder implements Disposable {
  readonly #opus: ReturnType<typeof bind>;
  #state: Pointer = null;

  constructor() {
    library ??= bind();
    this.#opus = library;
    this.#state = this.#opus.makeEncoder(RATE_HZ, 1, RESTRICTED_LOWDELAY, [0]);
    if (this.#state === null) throw new AudioError("engine-failed", "libopus cannot encode");
    for (const [name, request, value] of SETTINGS)
      if (this.#opus.control(this.#state, request, "int", value) !== 0) {
        this[Symbol.dispose]();
        throw new AudioError("engine-failed", `libopus refused a setting: ${name}`);
      }
  }

  /** Writes the frame to `out`, of `OPUS_FRAME_BYTES`; false where it could not. */
  encode(frame: Frame16k, out: Uint8Array): boolean {
    if (this.#state === null) return false;
    return this.#opus.encode(this.#state, frame, FRAME_SAMPLES, out, OPUS_FRAME_BYTES) === OPUS_FRAME_BYTES;
  }

  [Symbol.dispose](): void {
    if (this.#state !== null) this.#opus.endEncoder(this.#state);
    this.#state = null;
  }
}

/** Decodes what `LiveEncoder` made, or anything that a stranger made instead. 0.02 ms a frame; nothing is allocated. */
export class LiveDecoder implements Disposable {
  readonly #opus: ReturnType<typeof bind>;
  #state: Pointer = null;

  constructor() {
    library ??= bind();
    this.#opus = library;
    this.#state = this.#opus.makeDecoder(RATE_HZ, 1, [0]);
    if (this.#state === null) throw new AudioError("engine-failed", "libopus cannot decode");
  }

  /** Writes 10 ms to `out`; what is no Opus frame of 10 ms is concealed like one that is missing. */
  decode(frame: Uint8Array, out: Frame16k): void {
    if (this.#state === null) return void out.fill(0);
    const written = this.#opus.decode(this.#state, frame, frame.length, out, FRAME_SAMPLES, 0);
    if (written !== FRAME_SAMPLES) this.conceal(out);
  }

  /** Writes 10 ms that go on from what was before. */
  conceal(out: Frame16k): void {
    if (this.#state === null || this.#opus.decode(this.#state, null, 0, out, FRAME_SAMPLES, 0) !== FRAME_SAMPLES)
      out.fill(0);
  }

  [Symbol.dispose](): void {
    if (this.#state !== null) this.#opus.endDecoder(this.#state);
    this.#state = null;
  }
}

function bind() {
  const opus = loadLibrary("libopus.so.0", "libopus0");
  return {
    makeEncoder: opus.func("void *opus_encoder_create(int32_t, int, int, _Out_ int *)"),
    control: opus.func("int opus_encoder_ctl(void *, int, ...)"),
    encode: opus.func("int opus_encode(void *, const int16_t *, int, _Out_ uint8_t *, int32_t)"),
    endEncoder: opus.func("void opus_encoder_destroy(void *)"),
    makeDecoder: opus.func("void *opus_decoder_create(int32_t, int, _Out_ int *)"),
    decode: opus.func("int opus_decode(void *, const uint8_t *, int32_t, _Out_ int16_t *, int, int)"),
    endDecoder: opus.func("void opus_decoder_destroy(void *)"),
  };
}
