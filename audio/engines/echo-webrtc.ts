import type { EchoCanceller, NoiseSuppressor } from "../engines.ts";
import type { Frame16k } from "../frame.ts";
import { WebRtcProcessing } from "./webrtc-processing.ts";

/**
 * WebRTC's echo canceller (AEC3) and high-pass filter: 0.05 ms a frame, delay 8 ms. It finds out by itself how much
 * later than `playback` the echo comes, from 2 to 500 ms.
 */
export class WebRtcEcho implements EchoCanceller {
  readonly #processing = new WebRtcProcessing({ echo: true, highPass: true, noise: false });

  clean(mic: Frame16k, playback: Frame16k): Frame16k {
    this.#processing.played(playback);
    this.#processing.process(mic);
    return mic;
  }

  [Symbol.dispose](): void {
    this.#processing[Symbol.dispose]();
  }
}

/** WebRTC's noise suppression: 0.02 ms a frame, delay 6 ms. */
export class WebRtcNoise implements NoiseSuppressor {
  readonly #processing = new WebRtcProcessing({ echo: false, highPass: false, noise: true });

  quieten(frame: Frame16k): void {
    this.#processing.process(frame);
  }

  [Symbol.dispose](): void {
    this.#processing[Symbol.dispose]();
  }
}
