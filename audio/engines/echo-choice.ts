import { AlignedEcho } from "../aligned-echo.ts";
import type { EchoCanceller, NoiseSuppressor } from "../engines.ts";
import { FRAME_SAMPLES, type Frame16k } from "../frame.ts";
import { NearVoice, powerOf } from "../near-voice.ts";
import type { EchoEngine } from "../protocol.ts";
import { RestingEcho } from "../resting-echo.ts";
import { SpeexEcho, SpeexNoise } from "./echo-speexdsp.ts";
import { WebRtcEcho, WebRtcNoise } from "./echo-webrtc.ts";

/**
 * The canceller that was chosen, whole; null for none. In `both`, Speex's filter takes out what it can without harm to
 * whoever speaks at the same time, and WebRTC's canceller, which suppresses, has little left to suppress.
 */
export function openEcho(engine: EchoEngine): EchoCanceller | null {
  switch (engine) {
    case "both":
      return new RestingEcho(new EchoCascade(new AlignedEcho(new SpeexEcho({ suppressing: false })), new WebRtcEcho()));
    case "webrtc":
      return new RestingEcho(new WebRtcEcho());
    case "speexdsp":
      return new RestingEcho(new AlignedEcho(new SpeexEcho({ suppressing: true })));
    case "none":
      return null;
  }
}

/** Of the same maker; null for none. */
export function openNoiseSuppressor(engine: EchoEngine): NoiseSuppressor | null {
  switch (engine) {
    case "both":
    case "webrtc":
      return new WebRtcNoise();
    case "speexdsp":
      return new SpeexNoise();
    case "none":
      return null;
  }
}

/**
 * Two in a row: what the first leaves is the second's, and the ears' while somebody speaks. While nobody does, the ears
 * too hear what the second leaves: the little echo that the first does is enough of a voice to command the unit.
 */
class EchoCascade implements EchoCanceller {
  readonly #first: EchoCanceller;
  readonly #second: EchoCanceller;
  readonly #near = new NearVoice();
  readonly #between = new Int16Array(FRAME_SAMPLES);
  unsuppressed: Frame16k | null = null;

  constructor(first: EchoCanceller, second: EchoCanceller) {
    this.#first = first;
    this.#second = second;
  }

  clean(mic: Frame16k, playback: Frame16k): Frame16k {
    const before = powerOf(mic);
    this.#between.set(this.#first.clean(mic, playback));
    const somebody = this.#near.look(powerOf(playback), before, powerOf(this.#between));
    this.unsuppressed = somebody ? this.#between : null;
    return this.#second.clean(mic, playback);
  }

  [Symbol.dispose](): void {
    this.#first[Symbol.dispose]();
    this.#second[Symbol.dispose]();
  }
}
