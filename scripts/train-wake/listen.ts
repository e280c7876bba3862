import { RATE_HZ } from "#audio/frame.ts";
import { WAKE_WORDS } from "#audio/wake-word.ts";
import { seededRandom } from "../hear/random.ts";
import { type Clip, withNoise } from "./clip.ts";
import { type Corpus, FOLDS, isLearnedFrom, readAll, readCorpus } from "./corpus.ts";
import { readDictionary } from "./dictionary.ts";
import { FeatureFile } from "./feature-file.ts";
import { Rooms } from "./rooms.ts";
import { type Surroundings, vary } from "./surroundings.ts";
import { Voices } from "./voices.ts";

const ROOMS = 48;
/** So many surroundings for each recording of a wake word, and of something else. */
const WORD_VARIANTS = 12;
const OTHER_VARIANTS = 3;
const WORD_NOISES_DB = [20, 10, 5];
const OTHER_NOISES_DB = [10];
const MADE = {
  words: 90,
  wordVariants: 2,
  speeches: 180,
  nearSpeeches: 8,
  judgedWords: 40,
  judgedSpeeches: 90,
} as const;

/** Every `of`th recording from the `share`th on: several processes share the work. */
export type Share = Readonly<{ share: number; of: number }>;

export async function listenToRecordings(data: string, folder: string, { share, of }: Share): Promise<void> {
  const corpus = await readCorpus(data);
  const surroundings = await open(corpus);
  await using file = await FeatureFile.create(folder, `real-${share}`);
  for (const [id, { word, clip }] of corpus.recordings.entries()) {
    if (id % of !== share || !isLearnedFrom(id, word)) continue;
    const random = seededRandom(1_000 + id);
    await file.add(clip, { word, id, how: "clean", set: "judge" }, random);
    for (const snrDb of word === null ? OTHER_NOISES_DB : WORD_NOISES_DB) {
      const noisy = withNoise(clip, corpus.kitchen.judge, snrDb, random);
      await file.add(noisy, { word, id, how: `${snrDb} dB`, set: "judge" }, random);
    }
    // No recording that it is judged by stands in its surroundings.
    const others = othersOf(corpus, (other) => other % FOLDS === id % FOLDS);
    for (let i = 0; i < (word === null ? OTHER_VARIANTS : WORD_VARIANTS); i++)
      await file.add(
        vary(clip, { ...surroundings, others }, random),
        { word, id, how: "varied", set: "learn" },
        random,
      );
  }
}

export async function listenToVoices(data: string, folder: string): Promise<void> {
  const surroundings = await open(await readCorpus(data));
  const dictionary = await readDictionary();
  const random = seededRandom(50);
  await using file = await FeatureFile.create(folder, "made-0");
  await using voices = await Voices.open(random, "learn");
  for (const word of WAKE_WORDS) {
    for (const [id, clip] of (await voices.sayWord(word, MADE.words)).entries()) {
      await file.add(clip, { word, id, how: "clean", set: "made" }, random);
      for (let i = 0; i < MADE.wordVariants; i++)
        await file.add(vary(clip, surroundings, random), { word, id, how: "varied", set: "made" }, random);
    }
  }
  for (const [id, clip] of (await voices.sayOther(dictionary, WAKE_WORDS, MADE.speeches)).entries())
    await file.add(vary(clip, surroundings, random), { word: null, id, how: "varied", set: "made" }, random);
  await using judges = await Voices.open(random, "judge");
  for (const word of WAKE_WORDS)
    for (const [id, clip] of (await judges.sayWord(word, MADE.judgedWords)).entries())
      await file.add(clip, { word, id, how: "clean", set: "made-judge" }, random);
  for (const [id, clip] of (await judges.sayOther(dictionary, WAKE_WORDS, MADE.judgedSpeeches)).entries())
    await file.add(clip, { word: null, id, how: "clean", set: "made-judge" }, random);
}

export async function listenToNearWords(data: string, folder: string): Promise<void> {
  const surroundings = await open(await readCorpus(data));
  const random = seededRandom(60);
  await using file = await FeatureFile.create(folder, "made-1");
  await using voices = await Voices.open(random, "learn");
  for (const [id, clip] of (await voices.sayNear(await readDictionary(), WAKE_WORDS, MADE.nearSpeeches)).entries()) {
    await file.add(clip, { word: null, id, how: "clean", set: "made" }, random);
    await file.add(vary(clip, surroundings, random), { word: null, id, how: "varied", set: "made" }, random);
  }
}

/** Sound that only judges: no wake word may be said in it. */
export async function listenToOther(sounds: string, folder: string): Promise<void> {
  await using file = await FeatureFile.create(folder, "other-0");
  const random = seededRandom(70);
  for (const [id, samples] of (await readAll(sounds)).entries()) {
    for (let at = 0; at < samples.length; at += 60 * RATE_HZ) {
      const minute = { samples: samples.slice(at, at + 60 * RATE_HZ), wordEnd: null };
      await file.add(minute, { word: null, id, how: "clean", set: "other" }, random);
    }
  }
}

async function open(corpus: Corpus): Promise<Surroundings> {
  const rooms = await Rooms.make(seededRandom(1), ROOMS);
  return { others: othersOf(corpus, () => true), rooms, kitchen: corpus.kitchen.learn };
}

function othersOf(corpus: Corpus, isKept: (id: number) => boolean): Clip[] {
  return corpus.recordings.flatMap(({ word, clip }, id) => (word === null && isKept(id) ? [clip] : []));
}
