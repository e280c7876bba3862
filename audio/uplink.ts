import type { NoiseSuppressor } from "./engines.ts";
import { FRAME_SAMPLES, type Frame16k } from "./frame.ts";
import { VoiceLevel } from "./voice-level.ts";

/** Makes what the far end hears out of what the ears hear. */
export interface Uplink {
  /** Leaves `clean` as it is; the frame it returns is valid until the next call. Budget 0.5 ms. */
  polish(clean: Frame16k): Frame16k;
}

/** Without steady noise, and at the level of a voice. Runs only while there is a far end. */
export class PolishedUplink implements Uplink {
  readonly #noise: NoiseSuppressor;
  readonly #level = new VoiceLevel();
  readonly #frame = new Int16Array(FRAME_SAMPLES);

  constructor(noise: NoiseSuppressor) {
    this.#noise = noise;
  }

  polish(clean: Frame16k): Frame16k {
    this.#frame.set(clean);
    this.#noise.quieten(this.#frame);
    this.#level.level(this.#frame);
    return this.#frame;
  }
}
