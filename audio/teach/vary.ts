import { RATE_HZ } from "../frame.ts";
import { xorshift } from "../io/white-noise.ts";
import { gainOfDb, levelDbfs, saturate } from "../level.ts";

/** From 0 to 1, the same for the same seed. */
export type Random = () => number;

export function seeded(seed: number): Random {
  const next = xorshift(seed);
  return () => (next() + 1) / 2;
}

/** Sound in which a word ends at the sample `wordEnd`. Mono, 16 kHz, 16 bit. */
export type Said = Readonly<{ samples: Int16Array; wordEnd: number }>;

const LEAD_SAMPLES = RATE_HZ;
const TAIL_SAMPLES = RATE_HZ / 2;

/**
 * The word said a little faster or slower, close behind and before other speech or in silence, louder or softer, in more
 * or less noise: what a few recordings cannot have of their own.
 */
export function vary(word: Int16Array, others: readonly Int16Array[], random: Random): Said {
  const said = withSpeed(word, 0.9 + 0.2 * random());
  const [before, after] = [random() < 0.6, random() < 0.5].map((spoken) => (spoken ? pieceOf(others, random) : null));
  const gap = Math.floor(random() * 0.15 * RATE_HZ);
  const start = LEAD_SAMPLES + gap;
  const wordEnd = start + said.length;
  const sum = new Float64Array(wordEnd + TAIL_SAMPLES);
  const level = levelDbfs(word);
  if (before) add(sum, before.subarray(0, LEAD_SAMPLES), 0, level - levelDbfs(before));
  add(sum, said, start, 0);
  if (after) add(sum, after, wordEnd + gap, level - levelDbfs(after));
  addNoise(sum, level - 5 - 30 * random(), random);
  const gain = gainOfDb(-20 * random() + 4);
  return { samples: Int16Array.from(sum, (sample) => saturate(sample * gain)), wordEnd };
}

function withSpeed(samples: Int16Array, speed: number): Int16Array {
  return Int16Array.from({ length: Math.floor((samples.length - 1) / speed) }, (_, index) => {
    const at = Math.floor(index * speed);
    const between = index * speed - at;
    return (samples[at] ?? 0) * (1 - between) + (samples[at + 1] ?? 0) * between;
  });
}

function pieceOf(others: readonly Int16Array[], random: Random): Int16Array | null {
  const other = others[Math.floor(random() * others.length)];
  if (other === undefined) return null;
  const start = Math.floor(random() * Math.max(1, other.length - LEAD_SAMPLES));
  return other.subarray(start, start + LEAD_SAMPLES);
}

function add(sum: Float64Array, sound: Int16Array, at: number, db: number): void {
  const gain = Number.isFinite(db) ? gainOfDb(Math.min(20, db)) : 0;
  const count = Math.min(sound.length, sum.length - at);
  for (let index = 0; index < count; index += 1) sum[at + index] = (sum[at + index] ?? 0) + gain * (sound[index] ?? 0);
}

/** Rushing, with more or less of the high in it. */
function addNoise(sum: Float64Array, dbfs: number, random: Random): void {
  const kept = 0.9 * random();
  const peak = 32_767 * gainOfDb(dbfs) * Math.sqrt(3 * (1 - kept ** 2));
  let last = 0;
  for (let index = 0; index < sum.length; index += 1) {
    last = kept * last + peak * (2 * random() - 1);
    sum[index] = (sum[index] ?? 0) + last;
  }
}
