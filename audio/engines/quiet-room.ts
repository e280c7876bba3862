import { MEL_BANDS, STEP_MEL_FRAMES } from "./speech-embedding.ts";

/** Neighbouring bands that are looked at together: a hum in one place hides nothing elsewhere. */
const GROUP_BANDS = 4;
const GROUPS = MEL_BANDS / GROUP_BANDS;
/** On the spectrogram's scale 10 dB are 1. So far above its floor a group is more than the room's own noise. */
const MARGIN = 0.5;
/** The floor follows what is quieter within a second, what is louder by 2 dB a second: speech has pauses, noise has none. */
const FALL = 0.1;
const RISE = 0.016;
/** 1 s: longer than the embedding reaches back, so that while the room is quiet it would see nothing but noise. */
const HOLD_STEPS = 13;
/** While it is quiet it is embedded anew so often (0.8 s): noise may change its colour. */
const LOOK_EVERY_STEPS = 10;

/** Tells when there is nothing to listen for but the room's own noise, whatever that is. One step is 80 ms. */
export class QuietRoom {
  readonly #floor = new Float32Array(GROUPS);
  #started = false;
  #quietSteps = 0;

  /** Takes the spectrogram frames of one step; true where they need not be looked at more closely. */
  hear(newest: Float32Array): boolean {
    let loud = false;
    for (let group = 0; group < GROUPS; group += 1) {
      const level = levelOf(newest, group);
      const floor = this.#started ? (this.#floor[group] ?? 0) : level;
      if (level > floor + MARGIN) loud = true;
      this.#floor[group] = level < floor ? floor + (level - floor) * FALL : Math.min(level, floor + RISE);
    }
    this.#started = true;
    this.#quietSteps = loud ? 0 : this.#quietSteps + 1;
    return this.#quietSteps > HOLD_STEPS && this.#quietSteps % LOOK_EVERY_STEPS !== 0;
  }

  /** As if it had heard nothing yet: it listens for a second before it finds anything quiet. */
  reset(): void {
    this.#started = false;
    this.#quietSteps = 0;
  }
}

function levelOf(newest: Float32Array, group: number): number {
  let sum = 0;
  for (let frame = 0; frame < STEP_MEL_FRAMES; frame += 1)
    for (let band = 0; band < GROUP_BANDS; band += 1)
      sum += newest[frame * MEL_BANDS + group * GROUP_BANDS + band] ?? 0;
  return sum / (STEP_MEL_FRAMES * GROUP_BANDS);
}
