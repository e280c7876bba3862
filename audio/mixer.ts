import { FRAME_SAMPLES, type Frame16k } from "./frame.ts";
import { saturate } from "./level.ts";

/** Something that can be heard from the loudspeaker. */
export interface Source {
  /** Writes its next 10 ms over `out` and returns true, or returns false where it has nothing to say. Budget 0.1 ms. */
  read(out: Frame16k): boolean;
}

/** One source in the mix. */
export interface Channel {
  /** The factor to go to, reached 10 ms later by a straight ramp, so that no change clicks. */
  gain: number;
}

type Strip = Channel & { readonly source: Source; reached: number };

/**
 * Adds up what the loudspeaker plays. Where no source has anything, the frame is digital zero. What is louder than
 * full scale together saturates. Nothing is allocated per frame.
 */
export class Mixer {
  readonly #strips: Strip[] = [];
  readonly #part = new Int16Array(FRAME_SAMPLES);
  readonly #sum = new Float64Array(FRAME_SAMPLES);
  /** The factor for all of it: how loud the unit is. Reached like a channel's. */
  gain = 1;
  #reached = 1;

  add(source: Source): Channel {
    const strip: Strip = { source, gain: 1, reached: 1 };
    this.#strips.push(strip);
    return strip;
  }

  /** Fills `out` with the next 10 ms of everything. A source at zero gain goes on unheard. Budget 0.3 ms. */
  mix(out: Frame16k): void {
    const sum = this.#sum;
    const masterFrom = this.#reached;
    const masterSlope = (this.gain - masterFrom) / FRAME_SAMPLES;
    this.#reached = this.gain;
    let heard = false;
    for (const strip of this.#strips) {
      const from = strip.reached;
      const to = strip.gain;
      strip.reached = to;
      if (!strip.source.read(this.#part) || (from === 0 && to === 0)) continue;
      if (!heard) sum.fill(0);
      heard = true;
      addRamped(sum, this.#part, from, to);
    }
    if (!heard) {
      out.fill(0);
      return;
    }
    for (let index = 0; index < FRAME_SAMPLES; index += 1)
      out[index] = saturate((sum[index] ?? 0) * (masterFrom + masterSlope * (index + 1)));
  }
}

function addRamped(sum: Float64Array, part: Frame16k, from: number, to: number): void {
  const slope = (to - from) / FRAME_SAMPLES;
  for (let index = 0; index < FRAME_SAMPLES; index += 1)
    sum[index] = (sum[index] ?? 0) + (part[index] ?? 0) * (from + slope * (index + 1));
}
