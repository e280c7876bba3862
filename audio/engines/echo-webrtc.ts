import { FfiHandle, FfiRequest, FfiResponse, livekitFfiRequest, livekitRetrievePtr } from "@livekit/rtc-ffi-bindings";
import { AudioError } from "../audio-error.ts";
import type { EchoCanceller } from "../engines.ts";
import { FRAME_SAMPLES, type Frame16k, RATE_HZ } from "../frame.ts";

const FRAME_BYTES = FRAME_SAMPLES * 2;

export type EchoOptions = Readonly<{
  /** From playing a frame to its echo in the microphone's frames, in ms, as far as it is known. */
  delayMs?: number;
  /** Takes out steady noise too. Off by default: the recogniser hears worse with it. */
  noiseSuppression?: boolean;
}>;

/**
 * WebRTC's audio processing (BSD): echo canceller and high-pass filter. Reached through LiveKit's bindings, which call
 * themselves internal: their version is pinned, and nothing else of them is used. About 0.1 ms a frame.
 *
 * `livekitInitialize` is not called: sound needs none of it, and its callback would keep the process alive.
 */
export class WebRtcEcho implements EchoCanceller {
  readonly #handle: FfiHandle;
  readonly #mic = new SharedFrame();
  readonly #playback = new SharedFrame();
  readonly #cleanRequest: Uint8Array;
  readonly #playedRequest: Uint8Array;

  constructor({ delayMs = 0, noiseSuppression = false }: EchoOptions = {}) {
    const made = ask(
      new FfiRequest({
        message: {
          case: "newApm",
          value: {
            echoCancellerEnabled: true,
            gainControllerEnabled: false,
            highPassFilterEnabled: true,
            noiseSuppressionEnabled: noiseSuppression,
          },
        },
      }).toBinary(),
    );
    const id = made.case === "newApm" ? made.value.apm?.handle?.id : undefined;
    if (id === undefined) throw new AudioError("engine-failed", "WebRTC's audio processing cannot be made");
    this.#handle = new FfiHandle(id);
    const sound = { apmHandle: id, size: FRAME_BYTES, sampleRate: RATE_HZ, numChannels: 1 };
    const clean = { ...sound, dataPtr: this.#mic.pointer };
    const played = { ...sound, dataPtr: this.#playback.pointer };
    // The same buffers each time, so the requests too are made once.
    this.#cleanRequest = new FfiRequest({ message: { case: "apmProcessStream", value: clean } }).toBinary();
    this.#playedRequest = new FfiRequest({ message: { case: "apmProcessReverseStream", value: played } }).toBinary();
    check(
      ask(new FfiRequest({ message: { case: "apmSetStreamDelay", value: { apmHandle: id, delayMs } } }).toBinary()),
    );
  }

  clean(mic: Frame16k, playback: Frame16k): Frame16k {
    this.#playback.samples.set(playback);
    check(ask(this.#playedRequest));
    this.#mic.samples.set(mic);
    check(ask(this.#cleanRequest));
    mic.set(this.#mic.samples);
    return mic;
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

type Answer = FfiResponse["message"];

function ask(request: Uint8Array): Answer {
  return FfiResponse.fromBinary(livekitFfiRequest(request)).message;
}

function check(answer: Answer): void {
  const error = answer.value !== undefined && "error" in answer.value ? answer.value.error : undefined;
  if (error !== undefined && error !== "")
    throw new AudioError("engine-failed", "WebRTC's audio processing failed", { error });
}
