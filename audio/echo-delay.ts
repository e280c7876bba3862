import { Fourier } from "./fourier.ts";
import { FRAME_SAMPLES, type Frame16k } from "./frame.ts";
import { FULL_SCALE, gainOfDb } from "./level.ts";

/** So many samples are taken together: 4 kHz are enough to find a delay by, and voices have most below 2 kHz. */
const TOGETHER = 4;
const POINTS = FRAME_SAMPLES / TOGETHER;
/** What was played, 1.02 s, against the newest half of it as the microphone heard it: delays up to 512 ms. */
const WINDOW = 4_096;
const LONGEST = WINDOW / 2;
/** Between two looks: 0.25 s. */
const LOOK_EVERY_FRAMES = 25;
/** A look adds to what is left of those before: the last second and a half count. */
const KEPT = 0.8;
/** Where nothing louder was played there is nothing to see. */
const PLAYED_FROM = FULL_SCALE * gainOfDb(-50);
/** An echo stands out so far above what else correlates. */
const CLEAR = 8;

/**
 * Finds how much later than it is played the loudspeaker is heard, 0 to 512 ms, by the phase of what both have in
 * common (C. H. Knapp, G. C. Carter, "The generalized correlation method for estimation of time delay", 1976). Mono,
 * 16 kHz; allocates nothing per frame; 0.3 ms each quarter of a second in which something is played.
 */
export class EchoDelay {
  readonly #fourier = new Fourier(WINDOW);
  readonly #far = new Float64Array(WINDOW);
  readonly #near = new Float64Array(LONGEST);
  readonly #re = new Float64Array(WINDOW);
  readonly #im = new Float64Array(WINDOW);
  readonly #commonRe = new Float64Array(WINDOW);
  readonly #commonIm = new Float64Array(WINDOW);
  /** Where the next point goes, in both rings. */
  #next = 0;
  #frames10ms = 0;

  /** The delay in samples (to a fraction), as seen in the last second and a half; null while none is clear or it is not time to look. */
  look(mic: Frame16k, playback: Frame16k): number | null {
    this.#keep(mic, playback);
    this.#frames10ms += 1;
    if (this.#frames10ms < LOOK_EVERY_FRAMES) return null;
    this.#frames10ms = 0;
    this.#lay();
    if (!this.#isPlaying()) return null;
    this.#fourier.transform(this.#re, this.#im);
    this.#compare();
    this.#re.set(this.#commonRe);
    this.#im.set(this.#commonIm);
    this.#fourier.restore(this.#re, this.#im);
    return this.#peak();
  }

  #keep(mic: Frame16k, playback: Frame16k): void {
    for (let point = 0; point < POINTS; point += 1) {
      let [far, near] = [0, 0];
      for (let index = point * TOGETHER; index < (point + 1) * TOGETHER; index += 1) {
        far += playback[index] ?? 0;
        near += mic[index] ?? 0;
      }
      this.#far[this.#next % WINDOW] = far;
      this.#near[this.#next % LONGEST] = near;
      this.#next = (this.#next + 1) % WINDOW;
    }
  }

  /** What was played as the real part, oldest first; what was heard as the imaginary one, in its newer half. */
  #lay(): void {
    for (let index = 0; index < WINDOW; index += 1) this.#re[index] = this.#far[(this.#next + index) % WINDOW] ?? 0;
    this.#im.fill(0, 0, LONGEST);
    for (let index = 0; index < LONGEST; index += 1)
      this.#im[LONGEST + index] = this.#near[(this.#next + index) % LONGEST] ?? 0;
  }

  #isPlaying(): boolean {
    let energy = 0;
    for (let index = 0; index < LONGEST; index += 1) energy += (this.#re[index] ?? 0) ** 2;
    return Math.sqrt(energy / LONGEST) / TOGETHER > PLAYED_FROM;
  }

  /**
   * Of two real sounds in one transform: F = (Z + Z*') / 2, N = (Z - Z*') / 2i. Their common phase N F*, all bins alike;
   * that of the other half is its conjugate.
   */
  #compare(): void {
    for (let bin = 1; bin < LONGEST; bin += 1) {
      const re = this.#re[bin] ?? 0;
      const im = this.#im[bin] ?? 0;
      const reM = this.#re[WINDOW - bin] ?? 0;
      const imM = this.#im[WINDOW - bin] ?? 0;
      const reC = (im + imM) * (re + reM) + (reM - re) * (im - imM);
      const imC = (reM - re) * (re + reM) - (im + imM) * (im - imM);
      const size = Math.sqrt(reC * reC + imC * imC) || 1;
      const reKept = KEPT * (this.#commonRe[bin] ?? 0) + reC / size;
      const imKept = KEPT * (this.#commonIm[bin] ?? 0) + imC / size;
      this.#commonRe[bin] = reKept;
      this.#commonIm[bin] = imKept;
      this.#commonRe[WINDOW - bin] = reKept;
      this.#commonIm[WINDOW - bin] = -imKept;
    }
  }

  #peak(): number | null {
    let [at, energy] = [0, 0];
    for (let lag = 0; lag < LONGEST; lag += 1) {
      const value = this.#re[lag] ?? 0;
      energy += value * value;
      if (value > (this.#re[at] ?? 0)) at = lag;
    }
    if ((this.#re[at] ?? 0) <= CLEAR * Math.sqrt(energy / LONGEST)) return null;
    return Math.max(0, at + this.#beside(at)) * TOGETHER;
  }

  /** Between two points lies the top of the parabola through the three highest. */
  #beside(at: number): number {
    const before = this.#re[(at + WINDOW - 1) % WINDOW] ?? 0;
    const after = this.#re[at + 1] ?? 0;
    const bend = before - 2 * (this.#re[at] ?? 0) + after;
    return bend < 0 ? (before - after) / (2 * bend) : 0;
  }
}
