import { RATE_HZ } from "../frame.ts";
import { FULL_SCALE, levelDbfs } from "../level.ts";

/** Where in a recording a word is said, in samples, and what can be said of how it was recorded. */
export type WordSpan = Readonly<{
  start: number;
  end: number;
  /** Of the word, and of what is left: in dBFS. */
  levelDbfs: number;
  noiseDbfs: number;
  /** How many samples are at full scale. */
  clipped: number;
  /** Something else is as loud: two words, or a noise. */
  others: number;
}>;

const FRAME = RATE_HZ / 100;
/** A pause within a word is shorter. */
const PAUSE_FRAMES = 25;
/** So far below its loudest 10 ms a word is over. */
const FALL_DB = 26;
const ABOVE_NOISE_DB = 8;
/** Shorter than this it is a click. */
const CLICK_FRAMES = 4;

/** The loudest run of sound in a recording, by its level; null where nothing stands out. */
export function findWord(samples: Int16Array): WordSpan | null {
  const levels: number[] = [];
  for (let at = 0; at + FRAME <= samples.length; at += FRAME) levels.push(levelDbfs(samples.subarray(at, at + FRAME)));
  const sorted = levels.toSorted((one, other) => one - other);
  const noiseDbfs = sorted[Math.floor(sorted.length / 5)] ?? 0;
  const peakDbfs = sorted.at(-1) ?? 0;
  const threshold = Math.max(noiseDbfs + ABOVE_NOISE_DB, peakDbfs - FALL_DB);
  const runs = runsAbove(levels, threshold);
  const loudest = runs.toSorted((one, other) => energyOf(levels, other) - energyOf(levels, one))[0];
  if (loudest === undefined) return null;
  const [start, end] = [loudest.first * FRAME, (loudest.last + 1) * FRAME];
  const word = samples.subarray(start, end);
  return {
    start,
    end,
    levelDbfs: levelDbfs(word),
    noiseDbfs,
    clipped: word.reduce((count, sample) => count + (Math.abs(sample) >= FULL_SCALE - 1 ? 1 : 0), 0),
    others: runs.length - 1,
  };
}

/** What a word may be like that is to be learned. A head looks at the last 1.28 s. */
const LIMITS = { shortestMs: 350, longestMs: 1_200, quietestDbfs: -45, leastSnrDb: 12, clippedSamples: 8 } as const;

/** Why a recording is of no use, in words that say what to do; null where it is. */
export function faultOf(samples: Int16Array, word: WordSpan | null): string | null {
  if (word === null || word.levelDbfs < LIMITS.quietestDbfs) return "nothing was heard: speak louder, or come nearer";
  if (word.clipped > LIMITS.clippedSamples) return "it was too loud: step back, or lower the microphone";
  if (word.levelDbfs - word.noiseDbfs < LIMITS.leastSnrDb) return "there was too much noise: wait until it is quiet";
  if (word.others > 0) return "there was more than one word, or another noise: say the word alone";
  const ms = ((word.end - word.start) * 1_000) / RATE_HZ;
  if (ms < LIMITS.shortestMs) return "the word is too short: it needs three syllables or so";
  if (ms > LIMITS.longestMs) return "the word is too long: one of a second or less can be learned";
  if (word.start === 0 || word.end >= samples.length - FRAME) return "the word was cut off: speak after the tone";
  return null;
}

type Run = Readonly<{ first: number; last: number }>;

/** Runs of frames above the threshold, those with a short pause between them as one, without clicks. */
function runsAbove(levels: readonly number[], threshold: number): Run[] {
  const runs: Run[] = [];
  for (const [frame, level] of levels.entries()) {
    if (level < threshold) continue;
    const before = runs.at(-1);
    if (before !== undefined && frame - before.last <= PAUSE_FRAMES) runs[runs.length - 1] = { ...before, last: frame };
    else runs.push({ first: frame, last: frame });
  }
  return runs.filter(({ first, last }) => last - first + 1 >= CLICK_FRAMES);
}

function energyOf(levels: readonly number[], { first, last }: Run): number {
  return levels.slice(first, last + 1).reduce((sum, level) => sum + 10 ** (level / 10), 0);
}
