import { Fourier } from "#audio/fourier.ts";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import { levelDbfs } from "#audio/level.ts";

const FRAMES_A_SECOND = RATE_HZ / FRAME_SAMPLES;

type Span = Readonly<{ fromS: number; untilS: number }>;

/** A frame counts as sound where it is no more than so far below the loudest one. */
const ACTIVE_DB = 30;
/** The far end is active where its echo is within so much of the echo's mean level. */
const ECHO_ACTIVE_DB = 20;
const WINDOW = 512;
const HOP = 128;
/** Hops that are compared at once: 0.2 s. */
const TOGETHER = 24;
const LOWEST_HZ = 150;
const HIGHEST_HZ = 7_000;
/** From one band to the next: a third of an octave. */
const THIRD = 2 ** (1 / 3);

/**
 * Echo return loss enhancement (ITU-T G.168): the power at the microphone over what is left of it, in the frames in
 * which the echo sounds and nobody near speaks. What is left comes out `delay` samples later.
 */
export class Erle {
  readonly #before: Float64Array;
  readonly #after: Float64Array;

  constructor({ echo, mic, left }: Readonly<Record<"echo" | "mic" | "left", Int16Array>>, delay: number) {
    const activeFrom = (energy(echo) * FRAME_SAMPLES) / echo.length / 10 ** (ECHO_ACTIVE_DB / 10);
    const active = energies(echo, 0).map((each) => (each < activeFrom ? 0 : 1));
    this.#before = energies(mic, 0).map((each, index) => each * (active[index] ?? 0));
    this.#after = energies(left, delay).map((each, index) => each * (active[index] ?? 0));
  }

  /** In dB. */
  over({ fromS, untilS }: Span): number {
    const [from, until] = [Math.round(fromS * FRAMES_A_SECOND), Math.round(untilS * FRAMES_A_SECOND)];
    const sum = (energies10ms: Float64Array): number =>
      energies10ms.subarray(from, until).reduce((total, each) => total + each, 0);
    return 10 * Math.log10(sum(this.#before) / Math.max(sum(this.#after), 1));
  }
}

/** Level of a voice while it speaks: pauses do not count. */
export function activeDbfs(sound: Int16Array): number {
  const frames = Array.from({ length: Math.floor(sound.length / FRAME_SAMPLES) }, (_, index) =>
    levelDbfs(sound.subarray(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES)),
  );
  const from = Math.max(...frames) - ACTIVE_DB;
  const active = frames.filter((dbfs) => dbfs > from).map((dbfs) => 10 ** (dbfs / 10));
  return 10 * Math.log10(active.reduce((sum, power) => sum + power, 0) / active.length);
}

/**
 * How much of `voice` is in `out`, in dB: of each third of an octave in each 0.2 s, the part of `out` that is `voice`
 * but for a factor (its orthogonal projection). Whatever else sounds adds next to nothing, since it is not like it.
 */
export function keptDb(voice: Int16Array, out: Int16Array, delay: number, { fromS, untilS }: Span): number {
  const spectra = new Spectra();
  const bands = bandEdges();
  let [kept, all] = [0, 0];
  for (let start = fromS * RATE_HZ; start + WINDOW + TOGETHER * HOP <= untilS * RATE_HZ; start += TOGETHER * HOP) {
    const products = new Float64Array(bands.length * 3);
    for (let hop = 0; hop < TOGETHER; hop += 1) {
      spectra.take(voice, out, start + hop * HOP, delay);
      for (let band = 0; band + 1 < bands.length; band += 1)
        spectra.addProducts(bands[band] ?? 0, bands[band + 1] ?? 0, products, band * 3);
    }
    for (let band = 0; band < bands.length; band += 1) {
      const power = products[band * 3 + 2] ?? 0;
      if (power === 0) continue;
      all += power;
      kept += ((products[band * 3] ?? 0) ** 2 + (products[band * 3 + 1] ?? 0) ** 2) / power;
    }
  }
  return 10 * Math.log10(Math.max(kept, 1e-9) / all);
}

/** The spectra of two sounds at once. */
class Spectra {
  readonly #fourier = new Fourier(WINDOW);
  readonly #re = new Float64Array(WINDOW);
  readonly #im = new Float64Array(WINDOW);
  readonly #hann = Float64Array.from(
    { length: WINDOW },
    (_, index) => Math.sin((Math.PI * (index + 0.5)) / WINDOW) ** 2,
  );

  take(voice: Int16Array, out: Int16Array, start: number, delay: number): void {
    for (let index = 0; index < WINDOW; index += 1) {
      const weight = this.#hann[index] ?? 0;
      this.#re[index] = (voice[start + index] ?? 0) * weight;
      this.#im[index] = (out[start + delay + index] ?? 0) * weight;
    }
    this.#fourier.transform(this.#re, this.#im);
  }

  /** Adds, over these bins, the real and imaginary part of out times voice*, and the voice's power. */
  addProducts(from: number, until: number, sums: Float64Array, at: number): void {
    for (let bin = from; bin < until; bin += 1) {
      const [re, im] = [this.#re[bin] ?? 0, this.#im[bin] ?? 0];
      const [reM, imM] = [this.#re[WINDOW - bin] ?? 0, this.#im[WINDOW - bin] ?? 0];
      const [reV, imV, reO, imO] = [re + reM, im - imM, im + imM, reM - re];
      sums[at] = (sums[at] ?? 0) + reO * reV + imO * imV;
      sums[at + 1] = (sums[at + 1] ?? 0) + imO * reV - reO * imV;
      sums[at + 2] = (sums[at + 2] ?? 0) + reV * reV + imV * imV;
    }
  }
}

function bandEdges(): number[] {
  const edges: number[] = [];
  for (let hz = LOWEST_HZ; hz <= HIGHEST_HZ; hz *= THIRD)
    edges.push(Math.max((edges.at(-1) ?? 0) + 1, Math.round((hz * WINDOW) / RATE_HZ)));
  return edges;
}

/** Of each 10 ms. */
function energies(sound: Int16Array, delay: number): Float64Array {
  return Float64Array.from({ length: Math.floor(sound.length / FRAME_SAMPLES) }, (_, index) =>
    energy(sound.subarray(index * FRAME_SAMPLES + delay, (index + 1) * FRAME_SAMPLES + delay)),
  );
}

function energy(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return sum;
}
