import { FRAME_MS, type Frame16k } from "./frame.ts";
import { FULL_SCALE, gainOfDb, levelDbfs, saturate } from "./level.ts";

/** The level of a voice while it speaks, to which all are brought. */
const VOICE_DBFS = -21;
/** No more than that: what is left of an echo is raised with it. */
const MOST_RAISED_DB = 20;
const MOST_LOWERED_DB = 18;
/** What stands out so far above the noise, which is the quietest of late, is a voice. */
const ABOVE_NOISE_DB = 10;
const QUIETEST_VOICE_DBFS = -55;
const LEAST_NOISE_DBFS = -70;
const NOISE_RISES_DB_PER_FRAME = (5 * FRAME_MS) / 1_000;
/** How fast the measured level follows the voice: rising within a syllable, falling over a sentence. */
const RISING = FRAME_MS / 60;
const FALLING = FRAME_MS / 1_500;
/** How fast the gain follows what was measured. A shout is lowered at once, a whisper comes up by and by. */
const RISE_DB_PER_FRAME = (9 * FRAME_MS) / 1_000;
const FALL_DB_PER_FRAME = (40 * FRAME_MS) / 1_000;
/** A measured level follows the loud parts: so far above the mean. */
const CREST_DB = 3;
/** No sample leaves louder. */
const CEILING = FULL_SCALE * gainOfDb(-1);
/** The limiter looks at 1 ms at a time, and lets go within some 100 ms. */
const STEP = 16;
const RECOVERY = 0.99;
const FREE = 0.999;

/**
 * Brings whoever speaks, near or far, softly or loudly, to one level, and holds what is still too loud below -1 dBFS.
 * The gain moves only while somebody speaks, so that noise in the pauses does not swell. Mono, 16 kHz, in place; no
 * delay, nothing allocated.
 */
export class VoiceLevel {
  #noiseDbfs = Number.POSITIVE_INFINITY;
  #voiceDbfs = VOICE_DBFS + CREST_DB;
  #gainDb = 0;
  /** The factor that the last sample left with, before the limiter, and the limiter's own. */
  #gain = 1;
  #limit = 1;

  level(frame: Frame16k): void {
    const dbfs = levelDbfs(frame);
    this.#noiseDbfs = Math.max(LEAST_NOISE_DBFS, Math.min(dbfs, this.#noiseDbfs + NOISE_RISES_DB_PER_FRAME));
    if (dbfs > QUIETEST_VOICE_DBFS && dbfs > this.#noiseDbfs + ABOVE_NOISE_DB) this.#follow(dbfs);
    const to = gainOfDb(this.#gainDb);
    const slope = (to - this.#gain) / frame.length;
    for (let from = 0; from < frame.length; from += STEP) this.#step(frame, from, this.#gain + slope * from, slope);
    this.#gain = to;
  }

  #follow(dbfs: number): void {
    this.#voiceDbfs += (dbfs - this.#voiceDbfs) * (dbfs > this.#voiceDbfs ? RISING : FALLING);
    const wantedDb = VOICE_DBFS + CREST_DB - this.#voiceDbfs;
    const boundedDb = Math.max(-MOST_LOWERED_DB, Math.min(MOST_RAISED_DB, wantedDb));
    const risenDb = Math.min(boundedDb, this.#gainDb + RISE_DB_PER_FRAME);
    this.#gainDb = Math.max(risenDb, this.#gainDb - FALL_DB_PER_FRAME);
  }

  /** 1 ms: the limiter goes down at once where it must, by a ramp where the peak leaves it time. */
  #step(frame: Frame16k, from: number, gain: number, slope: number): void {
    let [most, at] = [0, 0];
    for (let index = 0; index < STEP; index += 1) {
      const size = Math.abs((frame[from + index] ?? 0) * (gain + slope * (index + 1)));
      if (size > most) [most, at] = [size, index];
    }
    const before = this.#limit;
    const free = before > FREE ? 1 : before + (1 - before) * (1 - RECOVERY);
    const after = most * free > CEILING ? CEILING / most : free;
    this.#limit = after;
    if (before === 1 && after === 1) {
      for (let index = 0; index < STEP; index += 1)
        frame[from + index] = saturate((frame[from + index] ?? 0) * (gain + slope * (index + 1)));
      return;
    }
    const reach = after < before ? at + 1 : STEP;
    for (let index = 0; index < STEP; index += 1) {
      const limit = before + (after - before) * Math.min(1, (index + 1) / reach);
      const value = (frame[from + index] ?? 0) * (gain + slope * (index + 1)) * limit;
      frame[from + index] = saturate(Math.max(-CEILING, Math.min(CEILING, value)));
    }
  }
}
