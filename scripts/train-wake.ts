import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { COMPUTER_HEAD } from "#audio/engines/wake-embedding.ts";
import { encodeWakeHead, HEAD_STEPS } from "#audio/engines/wake-head.ts";
import { seededRandom } from "./hear/random.ts";
import { type Clip, type Random, withNoise } from "./train-wake/clip.ts";
import { readCorpus, varyNegatives, varyPositives, withoutSpeech } from "./train-wake/corpus.ts";
import { FeatureMaker, type Features, windowAt } from "./train-wake/features.ts";
import { detected, falseAccepts, scores } from "./train-wake/judge.ts";
import { train } from "./train-wake/network.ts";
import { speakVoices } from "./train-wake/voices.ts";

/**
 * Trains the wake head for "computer" and prints what it achieves on the recordings that it was not trained on.
 * The same seed on the same machine gives the same file.
 */
const { values } = parseArgs({
  options: {
    data: { type: "string", default: "../shared/data" },
    out: { type: "string" },
    seed: { type: "string", default: "1" },
    threshold: { type: "string", default: "2.5" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log("train-wake [--data DIR] [--out FILE] [--seed N] [--threshold LOGIT]");
  process.exit(0);
}

/** The steps after the word's end in which the head should speak up; in those before and behind it may do as it likes. */
const SPEAK_UP_STEPS = 4;

const random = seededRandom(Number(values.seed));
const corpus = await readCorpus(values.data);
const voices = await speakVoices();
await using maker = await FeatureMaker.open();
say(`${corpus.wake.train.length} wake words and ${corpus.other.train.length} other recordings to learn from`);

const wakeClips = varyPositives([...corpus.wake.train, ...voices.wake], corpus.other.train, corpus.noise.train, random);
const positives: Float32Array[] = [];
for (const features of await makeAll(wakeClips, random)) {
  const wordStep = features.wordStep ?? 0;
  for (let step = wordStep; step < wordStep + SPEAK_UP_STEPS; step++) positives.push(...window(features, step));
}
const otherClips = [
  ...varyNegatives([...corpus.other.train, ...voices.other], corpus.noise.train, random),
  ...withoutSpeech(corpus.noise.train, random),
];
const negatives: Float32Array[] = [];
for (const features of await makeAll(otherClips, random)) {
  for (let step = HEAD_STEPS - 1; step < features.steps; step++) negatives.push(...window(features, step));
}
say(`${positives.length} windows with the word, ${negatives.length} without`);

const head = { ...train({ positives, negatives }, random, say), threshold: Number(values.threshold) };
await writeFile(values.out ?? COMPUTER_HEAD, encodeWakeHead(head));

await judge();

async function judge(): Promise<void> {
  const { held } = corpus.wake;
  const hit: Record<string, number[][]> = { clean: await score(held) };
  for (const snrDb of [20, 10]) hit[`${snrDb} dB`] = await score(held.map((clip) => noisy(clip, snrDb)));
  const miss = {
    clean: await score(corpus.other.held),
    "10 dB": await score(corpus.other.held.map((clip) => noisy(clip, 10))),
    noise: await score([{ samples: corpus.noise.held, wordEnd: null }]),
  };
  for (const threshold of [2, 3, 4, 5, 6, 7, 8]) {
    const hits = Object.entries(hit).map(([name, all]) => `${name} ${(100 * detected(all, threshold)).toFixed(1)} %`);
    const misses = Object.entries(miss).map(([name, all]) => {
      const { count, hours } = falseAccepts(all, threshold);
      return `${name} ${count} in ${hours.toFixed(2)} h`;
    });
    say(`threshold ${threshold}: heard ${hits.join(", ")}; false accepts ${misses.join(", ")}`);
  }
}

async function score(clips: readonly Clip[]): Promise<number[][]> {
  const all: number[][] = [];
  for (const clip of clips) all.push(scores(head, await maker.make(clip)));
  return all;
}

function noisy(clip: Clip, snrDb: number): Clip {
  return withNoise(clip, corpus.noise.held, snrDb, random);
}

async function makeAll(clips: readonly Clip[], alignment: Random): Promise<Features[]> {
  const all: Features[] = [];
  for (const clip of clips) all.push(await maker.make(clip, Math.floor(alignment() * 1_280)));
  return all;
}

function window(features: Features, step: number): Float32Array[] {
  const found = windowAt(features, step);
  return found === null ? [] : [found];
}

function say(line: string): void {
  console.log(line);
}
