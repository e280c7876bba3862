import { FfiHandle, FfiRequest, FfiResponse, livekitFfiRequest, livekitRetrievePtr } from "@livekit/rtc-ffi-bindings";
import { AudioError } from "../audio-error.ts";
import { FRAME_SAMPLES, RATE_HZ } from "../frame.ts";

const FRAME_BYTES = FRAME_SAMPLES * 2;
/** An answer that names no error is a tag (two bytes) and an empty message: only longer ones are worth decoding. */
const NO_ERROR_BYTES = 3;

type Parts = Readonly<{ echo: boolean; highPass: boolean; noise: boolean }>;

/**
 * One instance of WebRTC's audio processing (BSD), with the parts of it that are asked for. Reached through LiveKit's
 * bindings, which call themselves internal: their version is pinned, and nothing else of them is used.
 *
 * `livekitInitialize` is not called: sound needs none of it, and its callback would keep the process alive.
 * Per call the binding itself allocates one answer of three bytes; nothing else is allocated.
 */
export class WebRtcProcessing implements Disposable {
  readonly #handle: FfiHandle;
  readonly #near = new SharedFrame();
  readonly #far = new SharedFrame();
  readonly #nearRequest: Uint8Array;
  readonly #farRequest: Uint8Array;

  constructor({ echo, highPass, noise }: Parts) {
    const value = {
      echoCancellerEnabled: echo,
      highPassFilterEnabled: highPass,
      noiseSuppressionEnabled: noise,
      // It only ever raises, and starts 15 dB too loud: voice-level.ts does it instead.
      gainControllerEnabled: false,
    };
    const made = decode(ask(new FfiRequest({ message: { case: "newApm", value } }).toBinary()));
    const id = made.case === "newApm" ? made.value.apm?.handle?.id : undefined;
    if (id === undefined) throw new AudioError("engine-failed", "WebRTC's audio processing cannot be made");
    this.#handle = new FfiHandle(id);
    const sound = { apmHandle: id, size: FRAME_BYTES, sampleRate: RATE_HZ, numChannels: 1 };
    const near = { ...sound, dataPtr: this.#near.pointer };
    const far = { ...sound, dataPtr: this.#far.pointer };
    // The same buffers each time, so the requests too are made once.
    this.#nearRequest = new FfiRequest({ message: { case: "apmProcessStream", value: near } }).toBinary();
    this.#farRequest = new FfiRequest({ message: { case: "apmProcessReverseStream", value: far } }).toBinary();
  }

  /** Tells what the loudspeaker plays; before the microphone's frame of the same moment. */
  played(playback: Int16Array): void {
    this.#far.samples.set(playback);
    check(ask(this.#farRequest));
  }

  /** Works on one frame in place. */
  process(frame: Int16Array): void {
    this.#near.samples.set(frame);
    check(ask(this.#nearRequest));
    frame.set(this.#near.samples);
  }

  [Symbol.dispose](): void {
    this.#handle.dispose();
  }
}

/** One frame at an address that stays: outside V8's heap, and kept alive by whoever holds this. */
class SharedFrame {
  readonly samples = new Int16Array(new ArrayBuffer(FRAME_BYTES));
  readonly pointer = livekitRetrievePtr(new Uint8Array(this.samples.buffer));
}

function ask(request: Uint8Array): Uint8Array {
  try {
    return livekitFfiRequest(request);
  } catch (cause) {
    throw new AudioError("engine-failed", "WebRTC's audio processing refused a request", {}, cause);
  }
}

function decode(answer: Uint8Array): FfiResponse["message"] {
  return FfiResponse.fromBinary(answer).message;
}

function check(answer: Uint8Array): void {
  if (answer.length === NO_ERROR_BYTES) return;
  const { value } = decode(answer);
  const error = value !== undefined && "error" in value ? value.error : undefined;
  if (error !== undefined && error !== "")
    throw new AudioError("engine-failed", "WebRTC's audio processing failed", { error });
}
