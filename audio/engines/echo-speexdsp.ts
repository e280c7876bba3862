import { AudioError } from "../audio-error.ts";
import type { EchoCanceller, NoiseSuppressor } from "../engines.ts";
import { FRAME_SAMPLES, type Frame16k, RATE_HZ } from "../frame.ts";
import { loadLibrary } from "./shared-library.ts";

/** libspeexdsp 1.2 (Debian: libspeexdsp1, BSD). */
type Library = ReturnType<typeof bind>;
/** A native pointer; koffi's own type. */
type Pointer = unknown;

/** How far back the filter reaches, in samples: 128 ms. */
const TAIL_SAMPLES = 2_048;
/** Requests of speex_echo.h and speex_preprocess.h. */
const ECHO_SET_RATE = 24;
const SET_DENOISE = 0;
const SET_NOISE_SUPPRESS_DB = 18;
const SET_ECHO_SUPPRESS_DB = 20;
const SET_ECHO_SUPPRESS_TALKING_DB = 22;
const SET_ECHO_STATE = 24;

/**
 * Speex's echo canceller: an adaptive filter (J.-S. Valin, "On adjusting the learning rate in frequency domain echo
 * cancellation with double-talk", 2007) and, where `suppressing`, what takes out the rest of the echo and costs 10 ms of
 * delay. The echo must come within 128 ms after `playback`: see aligned-echo.ts. 0.03 and 0.015 ms a frame.
 */
export class SpeexEcho implements EchoCanceller {
  readonly #speex: Library = bind();
  readonly #out = new Int16Array(FRAME_SAMPLES);
  #state: Pointer;
  readonly #rest: Preprocessor | null;

  constructor({ suppressing }: Readonly<{ suppressing: boolean }>) {
    this.#state = this.#speex.makeEcho(FRAME_SAMPLES, TAIL_SAMPLES);
    this.#speex.setEcho(this.#state, ECHO_SET_RATE, [RATE_HZ]);
    this.#rest = suppressing ? new Preprocessor(this.#speex) : null;
    this.#rest?.set(SET_NOISE_SUPPRESS_DB, 0);
    this.#rest?.set(SET_ECHO_SUPPRESS_DB, -45);
    this.#rest?.set(SET_ECHO_SUPPRESS_TALKING_DB, -15);
    this.#rest?.follow(this.#state);
  }

  clean(mic: Frame16k, playback: Frame16k): Frame16k {
    refuseNull(this.#state);
    this.#speex.cancel(this.#state, mic, playback, this.#out);
    this.#rest?.run(this.#out);
    mic.set(this.#out);
    return mic;
  }

  /** The way from loudspeaker to microphone is another one now. */
  forget(): void {
    this.#speex.forget(this.#state);
  }

  [Symbol.dispose](): void {
    this.#rest?.[Symbol.dispose]();
    if (this.#state !== null) this.#speex.endEcho(this.#state);
    this.#state = null;
  }
}

/** Speex's noise suppression: 0.01 ms a frame, delay 10 ms. */
export class SpeexNoise implements NoiseSuppressor {
  readonly #preprocessor = new Preprocessor(bind());

  constructor() {
    this.#preprocessor.set(SET_NOISE_SUPPRESS_DB, -18);
  }

  quieten(frame: Frame16k): void {
    this.#preprocessor.run(frame);
  }

  [Symbol.dispose](): void {
    this.#preprocessor[Symbol.dispose]();
  }
}

class Preprocessor implements Disposable {
  readonly #speex: Library;
  #state: Pointer;

  constructor(speex: Library) {
    this.#speex = speex;
    this.#state = speex.makePreprocessor(FRAME_SAMPLES, RATE_HZ);
    // Without it nothing is suppressed, echo neither.
    this.set(SET_DENOISE, 1);
  }

  set(request: number, value: number): void {
    this.#speex.setPreprocessor(this.#state, request, [value]);
  }

  /** Takes out what this canceller leaves. */
  follow(echo: Pointer): void {
    this.#speex.joinPreprocessor(this.#state, SET_ECHO_STATE, echo);
  }

  run(frame: Frame16k): void {
    refuseNull(this.#state);
    this.#speex.preprocess(this.#state, frame);
  }

  [Symbol.dispose](): void {
    if (this.#state !== null) this.#speex.endPreprocessor(this.#state);
    this.#state = null;
  }
}

/** The library would not ask. */
function refuseNull(state: Pointer): void {
  if (state === null) throw new AudioError("engine-failed", "Speex's echo canceller was disposed of, or never made");
}

function bind() {
  const library = loadLibrary("libspeexdsp.so.1", "libspeexdsp1");
  return {
    makeEcho: library.func("void *speex_echo_state_init(int, int)"),
    endEcho: library.func("void speex_echo_state_destroy(void *)"),
    forget: library.func("void speex_echo_state_reset(void *)"),
    setEcho: library.func("int speex_echo_ctl(void *, int, int32_t *)"),
    cancel: library.func("void speex_echo_cancellation(void *, const int16_t *, const int16_t *, _Out_ int16_t *)"),
    makePreprocessor: library.func("void *speex_preprocess_state_init(int, int)"),
    endPreprocessor: library.func("void speex_preprocess_state_destroy(void *)"),
    setPreprocessor: library.func("int speex_preprocess_ctl(void *, int, int32_t *)"),
    joinPreprocessor: library.func("speex_preprocess_ctl", "int", ["void *", "int", "void *"]),
    preprocess: library.func("int speex_preprocess_run(void *, _Inout_ int16_t *)"),
  };
}
