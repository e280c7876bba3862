import { FRAME_SAMPLES, type Frame16k, RATE_HZ } from "../frame.ts";
import { gainOfDb } from "../level.ts";
import { RingBuffer } from "../ring-buffer.ts";

/** Where reflections arrive after the direct sound, in ms, and how loud they are: a small furnished room. */
const REFLECTIONS: readonly (readonly [afterMs: number, strength: number])[] = [
  [0, 1],
  [1.3, -0.34],
  [2.9, 0.29],
  [4.7, 0.21],
  [7.1, -0.17],
  [10.6, 0.13],
  [14.9, -0.1],
  [21.3, 0.07],
  [29.7, 0.05],
];

type Tap = Readonly<{ delaySamples: number; gain: number }>;

/**
 * The way from the loudspeaker to the microphone: a delay, and a few decaying reflections. Together they carry
 * `echoDb` of the power that was played (for sound of many frequencies; a single tone may be up to 6 dB off).
 */
export class EchoPath {
  readonly #taps: readonly Tap[];
  readonly #history: RingBuffer;
  readonly #reach: number;
  readonly #delayed = new Int16Array(FRAME_SAMPLES);
  /** Samples since anything but zero was played. */
  #quietFor: number;

  constructor(echoDb: number, delayMs: number) {
    const power = REFLECTIONS.reduce((sum, [, strength]) => sum + strength ** 2, 0);
    const scale = gainOfDb(echoDb) / Math.sqrt(power);
    this.#taps = REFLECTIONS.map(([afterMs, strength]) => ({
      delaySamples: Math.round(((delayMs + afterMs) * RATE_HZ) / 1_000),
      gain: strength * scale,
    }));
    this.#reach = Math.max(...this.#taps.map((tap) => tap.delaySamples)) + FRAME_SAMPLES;
    this.#history = new RingBuffer(this.#reach);
    this.#history.push(new Int16Array(this.#reach));
    this.#quietFor = this.#reach;
  }

  /** Takes 10 ms as they leave the loudspeaker and adds what of it and of the past arrives meanwhile to `sum`. */
  pass(playing: Frame16k, sum: Float64Array): void {
    this.#history.push(playing);
    this.#quietFor = playing.some((sample) => sample !== 0) ? 0 : this.#quietFor + FRAME_SAMPLES;
    if (this.#quietFor >= this.#reach) return;
    const delayed = this.#delayed;
    for (const tap of this.#taps) {
      this.#history.readBack(tap.delaySamples + FRAME_SAMPLES, delayed);
      for (let index = 0; index < FRAME_SAMPLES; index += 1)
        sum[index] = (sum[index] ?? 0) + (delayed[index] ?? 0) * tap.gain;
    }
  }
}
