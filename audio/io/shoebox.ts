import { RATE_HZ } from "../frame.ts";
import { reverberationMs } from "./decay.ts";
import { xorshift } from "./white-noise.ts";
import { addImpulse, SINC_REACH } from "./windowed-sinc.ts";

/** Metres along the room's length, width and height. */
export type Place = readonly [x: number, y: number, z: number];
/** A rectangular room and how much its walls give back. */
export type Shoebox = Readonly<{ sizeM: Place; rt60Ms: number; reflection: number }>;

/** What an impulse becomes on its way: mono, 16 kHz. The direct sound stands at sample `directAt` (not a whole one). */
export type Response = Readonly<{ samples: Float64Array; directAt: number }>;

/** A loudspeaker and a microphone nearer than this are one. */
const NEAREST_M = 0.01;
const SPEED_OF_SOUND_M_S = 343;
const SAMPLES_PER_M = RATE_HZ / SPEED_OF_SOUND_M_S;
/** So far is each reflection out of place at most: no real wall is a mirror, and mirrors in step would whistle. */
const SCATTER_M = 0.08;
/** Eyring's formula takes sound for spread evenly, which in a box it is not: the walls are tuned to so much. */
const TUNED_WITHIN = 0.02;
const MOST_TUNING_STEPS = 4;
/** About a second's work. */
const MOST_IMAGES = 3_000_000;
/** Where the reverberation time is measured: neither near each other nor in the middle, in parts of the room. */
const TUNED_FROM: Place = [0.23, 0.19, 0.31];
const TUNED_TO: Place = [0.71, 0.79, 0.62];

/**
 * A room whose walls all absorb alike, so much that sound decays by 60 dB in `rt60Ms`: C. F. Eyring's formula (JASA 1,
 * 1930) to begin with, then corrected by what is measured. A RangeError where no wall does that.
 */
export function makeShoebox(sizeM: Place, rt60Ms: number): Shoebox {
  const [length, width, height] = sizeM;
  const volume = length * width * height;
  const surface = 2 * (length * width + length * height + width * height);
  const images = ((4 / 3) * Math.PI * (SPEED_OF_SOUND_M_S * (rt60Ms / 1_000)) ** 3) / volume;
  if (!(images <= MOST_IMAGES)) throw new RangeError(`${rt60Ms} ms is too long for a room of ${sizeM.join(" x ")} m`);
  const at = (parts: Place): Place => [length * parts[0], width * parts[1], height * parts[2]];
  /** How much energy goes at each wall: the natural logarithm of 1 / (1 - absorption). */
  let loss = (0.161 * volume) / (surface * (rt60Ms / 1_000));
  for (let step = 0; step < MOST_TUNING_STEPS; step += 1) {
    const box = { sizeM, rt60Ms, reflection: Math.exp(-loss / 2) };
    const ratio = reverberationMs(responseIn(box, at(TUNED_FROM), at(TUNED_TO)).samples) / rt60Ms;
    if (Math.abs(ratio - 1) < TUNED_WITHIN) return box;
    loss *= ratio;
  }
  throw new RangeError(`no walls give a room of ${sizeM.join(" x ")} m a reverberation of ${rt60Ms} ms`);
}

/**
 * The response between two places by the image method (J. B. Allen and D. A. Berkley, "Image method for efficiently
 * simulating small-room acoustics", JASA 65, 1979): each reflection is the source seen in a mirror. Images arrive
 * between samples, and each but the direct one is moved by up to 8 cm (E. De Sena et al., IEEE TASLP 23, 2015), always
 * alike. As long as the reverberation time. A RangeError where a place is not inside the room.
 */
export function responseIn({ sizeM, rt60Ms, reflection }: Shoebox, from: Place, to: Place): Response {
  for (const place of [from, to])
    if (!place.every((at, axis) => at > 0 && at < (sizeM[axis] ?? 0)))
      throw new RangeError(`${place.join(", ")} is not inside a room of ${sizeM.join(" x ")} m`);
  const samples = new Float64Array(Math.ceil((rt60Ms / 1_000) * RATE_HZ));
  const furthestM = samples.length / SAMPLES_PER_M;
  const directM = Math.max(NEAREST_M, distance(from, to));
  const startM = directM - SINC_REACH / SAMPLES_PER_M;
  const scatter = xorshift(0x1f123bb5);
  const [xs, ys, zs] = ([0, 1, 2] as const).map((axis) => imagesAlong(sizeM[axis], from[axis], to[axis], furthestM));
  for (const x of xs ?? []) {
    for (const y of ys ?? []) {
      const across = x.squared + y.squared;
      if (across > furthestM ** 2) continue;
      for (const z of zs ?? []) {
        const squared = across + z.squared;
        if (squared > furthestM ** 2) continue;
        const order = x.order + y.order + z.order;
        const wayM = Math.max(directM, Math.sqrt(squared) + (order === 0 ? 0 : scatter() * SCATTER_M));
        addImpulse(samples, (wayM - startM) * SAMPLES_PER_M, reflection ** order / wayM);
      }
    }
  }
  takeOutRumble(samples);
  return { samples, directAt: SINC_REACH };
}

type Image = Readonly<{ squared: number; order: number }>;

/** The source's mirror images along one axis: how far from the ear, squared, and after how many walls. */
function imagesAlong(size: number, source: number, ear: number, furthestM: number): Image[] {
  const rooms = Math.ceil(furthestM / (2 * size)) + 1;
  const images: Image[] = [];
  for (let room = -rooms; room <= rooms; room += 1) {
    for (const side of [0, 1]) {
      const away = (1 - 2 * side) * source + 2 * room * size - ear;
      images.push({ squared: away ** 2, order: Math.abs(room - side) + Math.abs(room) });
    }
  }
  return images;
}

function distance(a: Place, b: Place): number {
  return Math.hypot(...a.map((at, axis) => at - (b[axis] ?? 0)));
}

/** All images push the same way, which adds up below what a room carries: the paper's high-pass at 100 Hz. */
function takeOutRumble(samples: Float64Array): void {
  const angle = (2 * Math.PI * 100) / RATE_HZ;
  const shrink = Math.exp(-angle);
  let [older, old] = [0, 0];
  for (let index = 0; index < samples.length; index += 1) {
    const now = 2 * shrink * Math.cos(angle) * old - shrink ** 2 * older + (samples[index] ?? 0);
    samples[index] = now - (1 + shrink) * old + shrink * older;
    [older, old] = [old, now];
  }
}
