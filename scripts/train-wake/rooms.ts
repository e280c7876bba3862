import { FRAME_SAMPLES } from "#audio/frame.ts";
import { Convolver, loadTransforms, type Transforms } from "#audio/io/convolver.ts";
import { makeShoebox, type Place, responseIn } from "#audio/io/shoebox.ts";
import { clip as clipSample } from "../hear/noise.ts";
import { type Clip, pick, type Random } from "./clip.ts";

const SHORTEST_MS = 150;
const LONGEST_MS = 600;

/** Furnished rooms by the image method, each with somebody in one place and the unit in another. */
export class Rooms {
  readonly #transforms: Transforms;
  readonly #responses: readonly Float64Array[];

  private constructor(transforms: Transforms, responses: readonly Float64Array[]) {
    this.#transforms = transforms;
    this.#responses = responses;
  }

  /** Half a second's work for each place. */
  static async make(random: Random, count: number): Promise<Rooms> {
    const responses: Float64Array[] = [];
    while (responses.length < count) {
      const sizeM: Place = [3 + 4 * random(), 2.5 + 3 * random(), 2.3 + 0.7 * random()];
      const box = roomOrNone(sizeM, SHORTEST_MS + (LONGEST_MS - SHORTEST_MS) * random());
      const place = (): Place => [within(sizeM[0], random), within(sizeM[1], random), 0.7 + random()];
      if (box === null) continue;
      for (let i = 0; i < 3; i++) responses.push(loudAsBefore(responseIn(box, place(), place()).samples));
    }
    return new Rooms(await loadTransforms(), responses.slice(0, count));
  }

  /** The clip as it is heard across one of the rooms. */
  within(clip: Clip, random: Random): Clip {
    using convolver = new Convolver(this.#transforms, pick(random, this.#responses));
    const heard = new Int16Array(clip.samples.length);
    const sum = new Float64Array(FRAME_SAMPLES);
    for (let at = 0; at < heard.length; at += FRAME_SAMPLES) {
      convolver.pass(clip.samples.subarray(at, at + FRAME_SAMPLES), sum.fill(0));
      for (let i = at; i < Math.min(heard.length, at + FRAME_SAMPLES); i++) heard[i] = clipSample(sum[i - at] ?? 0);
    }
    return { ...clip, samples: heard };
  }
}

/** Not every size has walls for every reverberation. */
function roomOrNone(sizeM: Place, rt60Ms: number): ReturnType<typeof makeShoebox> | null {
  try {
    return makeShoebox(sizeM, rt60Ms);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function within(sizeM: number, random: Random): number {
  return 0.4 + (sizeM - 0.8) * random();
}

function loudAsBefore(samples: Float64Array): Float64Array {
  const scale = 1 / Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0));
  return samples.map((sample) => sample * scale);
}
