import { RATE_HZ } from "./frame.ts";
import { FULL_SCALE, gainOfDb, levelDbfs, peakOf, saturate } from "./level.ts";

/** What is weighed at once: 20 ms. */
const BLOCK_SAMPLES = RATE_HZ / 50;
const BLOCK_MS = 20;
/** A voice of this level is left as it is: what a caller's is like, who speaks from a metre away. */
const VOICE_DBFS = -24;
/** No 20 ms are louder than this, and no sample either. */
const LOUDEST_BLOCK_DBFS = -17;
const LOUDEST_PEAK = FULL_SCALE * gainOfDb(-6);
/** Who spoke faintly is raised so far at most: what is raised with it is the noise of their room. */
const MOST_RAISED_DB = 12;
/** Below this there is no voice that could be measured. */
const VOICE_FROM_DBFS = -50;
/** How the measured level of the voice follows it: up at once, down slowly, so that a pause is not raised. */
const FALL_DB_PER_BLOCK = (6 * BLOCK_MS) / 1_000;
/** The gain comes back up no faster. */
const RISE_DB_PER_BLOCK = (8 * BLOCK_MS) / 1_000;

/**
 * Brings what a stranger's device recorded to the level of a voice in a call, and never above it, whatever it holds:
 * each 20 ms are weighed before they are let through. Mono, 16 kHz. Delay: below 20 ms; allocates per piece, for a worker.
 */
export class EvenLevel {
  /** What was given and is not let through yet: less than a block. */
  #held = new Int16Array(0);
  #voiceDbfs = VOICE_DBFS;
  #gainDb = 0;
  /** The factor that the block let through last ended with. */
  #gain = 1;

  /** The next piece of what comes out; its buffer is the receiver's. */
  process(samples: Int16Array): Int16Array {
    const all = new Int16Array(this.#held.length + samples.length);
    all.set(this.#held);
    all.set(samples, this.#held.length);
    let at = 0;
    for (; at + BLOCK_SAMPLES <= all.length; at += BLOCK_SAMPLES) this.#pass(all.subarray(at, at + BLOCK_SAMPLES));
    this.#held = all.slice(at);
    return all.subarray(0, at);
  }

  /** The end of it. */
  finish(): Int16Array {
    const rest = this.#held;
    this.#held = new Int16Array(0);
    this.#pass(rest);
    return rest;
  }

  /** Ramps from the factor reached to the one wanted, neither above what this block may be raised by. */
  #pass(block: Int16Array): void {
    const from = Math.min(this.#gain, mostFor(block));
    const dbfs = levelDbfs(block);
    if (dbfs > VOICE_FROM_DBFS) this.#voiceDbfs = Math.max(dbfs, this.#voiceDbfs - FALL_DB_PER_BLOCK);
    const wantedDb = Math.min(VOICE_DBFS + CREST_DB - this.#voiceDbfs, MOST_RAISED_DB);
    this.#gainDb = Math.min(wantedDb, this.#gainDb + RISE_DB_PER_BLOCK);
    const to = Math.min(gainOfDb(this.#gainDb), mostFor(block));
    this.#gain = to;
    const slope = (to - from) / block.length;
    for (let index = 0; index < block.length; index += 1)
      block[index] = saturate((block[index] ?? 0) * (from + slope * (index + 1)));
  }
}

/** A voice's loudest 20 ms, which `#voiceDbfs` follows, lie so far above its level in the mean. */
const CREST_DB = 6;

/** The largest factor at which the block keeps within what is allowed. */
function mostFor(block: Int16Array): number {
  const peak = peakOf(block);
  if (peak === 0) return gainOfDb(MOST_RAISED_DB);
  return Math.min(LOUDEST_PEAK / peak, gainOfDb(LOUDEST_BLOCK_DBFS - levelDbfs(block)));
}
