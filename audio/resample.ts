import { loadLibrary } from "./engines/shared-library.ts";

/** speex_resampler.h: 48 taps at the lower rate. */
const QUALITY = 3;
/** A native pointer; koffi's own type. */
type Pointer = unknown;

/** libspeexdsp 1.2 (Debian: libspeexdsp1, BSD). */
let library: ReturnType<typeof bind> | null = null;

/**
 * Converts a stream of mono PCM (signed 16 bit) from one rate to another with Speex's resampler: flat to 6 kHz at
 * 16 kHz, what the lower rate cannot hold is 84 dB down. Delay: 24 samples of the lower rate, 1.5 ms at 16 kHz. 4 µs for
 * 10 ms of 48 kHz. Nothing is allocated per piece.
 */
export class Resampler implements Disposable {
  readonly #speex: ReturnType<typeof bind>;
  readonly #fromHz: number;
  readonly #toHz: number;
  readonly #taken: [samples: number] = [0];
  readonly #written: [samples: number] = [0];
  #state: Pointer;

  constructor(fromHz: number, toHz: number) {
    if (!Number.isInteger(fromHz) || !Number.isInteger(toHz) || fromHz < 1_000 || toHz < 1_000)
      throw new RangeError(`cannot resample from ${fromHz} to ${toHz} Hz`);
    library ??= bind();
    this.#speex = library;
    this.#fromHz = fromHz;
    this.#toHz = toHz;
    this.#state = this.#speex.make(1, fromHz, toHz, QUALITY, [0]);
    if (this.#state === null) throw new RangeError(`cannot resample from ${fromHz} to ${toHz} Hz`);
  }

  /** How many samples `process` writes at most for `inputLength` samples. */
  mostFor(inputLength: number): number {
    return Math.ceil((inputLength * this.#toHz) / this.#fromHz) + 1;
  }

  /** Takes one piece of input and writes what follows from it to `out`; returns how many samples that is. */
  process(input: Int16Array, out: Int16Array): number {
    // Over already, or nothing to do: the library would not ask.
    if (this.#state === null || input.length === 0) return 0;
    this.#taken[0] = input.length;
    this.#written[0] = out.length;
    this.#speex.process(this.#state, 0, input, this.#taken, out, this.#written);
    return this.#written[0];
  }

  [Symbol.dispose](): void {
    if (this.#state !== null) this.#speex.end(this.#state);
    this.#state = null;
  }
}

function bind() {
  const speex = loadLibrary("libspeexdsp.so.1", "libspeexdsp1");
  return {
    make: speex.func("void *speex_resampler_init(uint32_t, uint32_t, uint32_t, int, _Out_ int *)"),
    process: speex.func(
      "int speex_resampler_process_int(void *, uint32_t, const int16_t *, _Inout_ uint32_t *, _Out_ int16_t *, _Inout_ uint32_t *)",
    ),
    end: speex.func("void speex_resampler_destroy(void *)"),
  };
}
