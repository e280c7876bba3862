import path from "node:path";
import * as v from "valibot";
import { RATE_HZ } from "#audio/frame.ts";
import { WAKE_WORDS, type WakeWord } from "#audio/wake-word.ts";
import { seededRandom } from "../hear/random.ts";
import { type Clip, withNoise } from "../train-wake/clip.ts";
import { type Corpus, isLearnedFrom, type Recording, readAll, readCorpus } from "../train-wake/corpus.ts";
import { readDictionary } from "../train-wake/dictionary.ts";
import { Voices } from "../train-wake/voices.ts";
import { entry, flag } from "./entry.ts";
import { type Bench, type Measured, percentile } from "./report.ts";
import { WakeListener } from "./wake/listen.ts";
import { rateBounds } from "./wake/poisson.ts";
import { measureTaught } from "./wake/taught.ts";

const BUDGET = { clean: 99, at10Db: 97, corePercent: 3 } as const;
const NOISES = [
  { what: "clean", snrDb: null, budget: BUDGET.clean },
  { what: "20 dB", snrDb: 20, budget: null },
  { what: "10 dB", snrDb: 10, budget: BUDGET.at10Db },
  { what: "5 dB", snrDb: 5, budget: null },
] as const;
/** Each recording is mixed into so many stretches of noise: of fifty, one is two points. */
const DRAWS = 3;
/** Every so many recordings where it should be quick. */
const QUICK_EVERY = 10;
/** 20 to 30 s each. */
const MADE_SPEECHES = 120;
const QUIET_SECONDS = 300;
/** A word takes half a minute of CPU. */
const TAUGHT = { whole: { cases: 10, every: 1 }, quick: { cases: 2, every: 6 } } as const;

/**
 * Picovoice's wake-word-benchmark, the mean of its six words in 10 dB of noises of many kinds, at one false accept in
 * ten hours of read speech: "91 %+" is what its makers say of Porcupine (picovoice.ai/docs/faq/porcupine). CPU: its
 * README, on a Raspberry Pi 3.
 */
const PUBLISHED: readonly Measured[] = [
  { what: "published: Porcupine, 10 dB, heard, at least", value: 91, unit: "%", budget: null },
  { what: "published: Porcupine, Raspberry Pi 3, CPU of one core", value: 5.67, unit: "%", budget: null },
  { what: "published: Snowboy, Raspberry Pi 3, CPU of one core", value: 24.82, unit: "%", budget: null },
  { what: "published: PocketSphinx, Raspberry Pi 3, CPU of one core", value: 31.75, unit: "%", budget: null },
];

/** An hour of other speech takes long: what is measured can be had piece by piece. */
const PARTS = ["heard", "taken", "cost"] as const;

type Speech = Readonly<{ what: string; sounds: readonly Int16Array[] }>;

export const wake = entry({
  summary:
    "the wake words: heard in noise, taken for said, CPU and delay (10 min)\n" +
    "What the shipped heads learned from flatters them: give it other recordings, or --held.",
  options: {
    data: {
      value: "FOLDER",
      help: "recordings: wake/<word>/, commands/ (../shared/data)",
      schema: v.optional(v.string(), "../shared/data"),
    },
    other: {
      value: "FOLDER",
      help: "more sound without the words, FLAC or WAV, 16 kHz mono",
      schema: v.optional(v.string()),
    },
    held: { help: "only those of ../shared/data that the shipped heads did not learn from", schema: flag },
    word: { value: "WORD", help: "this word alone", schema: v.optional(v.picklist(WAKE_WORDS)) },
    part: { value: "PART", help: `one of ${PARTS.join(", ")} alone`, schema: v.optional(v.picklist(PARTS)) },
    taught: { help: "words that are taught by a few recordings, in place of those that ship (15 min)", schema: flag },
    quick: { help: `of other speech every ${QUICK_EVERY}th recording (2 min)`, schema: flag },
  },
  quick: ["--quick", "--held"],
  run: async ({ data, other, held, word: only, part, taught, quick }) => {
    if (taught) {
      const measured = await measureTaught({ data, ...(quick ? TAUGHT.quick : TAUGHT.whole), onCase: console.error });
      return { name: "wake", measured } satisfies Bench;
    }
    const wants = (each: (typeof PARTS)[number]): boolean => part === undefined || part === each;
    const whole = await readCorpus(data);
    const kept = ({ word }: Recording, id: number): boolean => !held || !isLearnedFrom(id, word);
    const corpus = { ...whole, recordings: whole.recordings.filter(kept) };
    const every = quick ? QUICK_EVERY : 1;
    const made = wants("taken") ? await makeSpeech(quick) : [];
    const more = other === undefined ? [] : await readAll(path.resolve(other));
    const measured: Measured[] = [];
    for (const word of only === undefined ? WAKE_WORDS : [only]) {
      await using listener = await WakeListener.open(word);
      if (wants("heard")) measured.push(...(await measureHeard(word, listener, corpus)));
      if (!wants("taken")) continue;
      const taken = (_: unknown, i: number): boolean => i % every === 0;
      for (const speech of [
        { what: "recorded speech", sounds: othersThan(word, corpus).filter(taken) },
        { what: "recorded speech, 10 dB", sounds: inNoise(othersThan(word, corpus).filter(taken), corpus) },
        { what: "more recordings", sounds: more.filter(taken) },
        { what: "made speech", sounds: made },
      ])
        measured.push(...(await measureFalse(word, listener, speech)));
    }
    if (wants("cost")) measured.push(...(await measureCost(corpus, every)));
    return { name: "wake", measured: [...measured, ...PUBLISHED] } satisfies Bench;
  },
});

async function measureHeard(word: WakeWord, listener: WakeListener, corpus: Corpus): Promise<Measured[]> {
  const said = corpus.recordings.filter((each) => each.word === word);
  const measured: Measured[] = [{ what: `"${word}": recordings`, value: said.length, unit: "count", budget: null }];
  const random = seededRandom(1);
  const delaysMs: number[] = [];
  for (const { what, snrDb, budget } of NOISES) {
    let heard = 0;
    const draws = snrDb === null ? 1 : DRAWS;
    for (const { clip } of said) {
      for (let draw = 0; draw < draws; draw++) {
        const { samples } = snrDb === null ? clip : withNoise(clip, corpus.kitchen.judge, snrDb, random);
        const [first] = await listener.detections(samples);
        if (first === undefined) continue;
        heard++;
        if (snrDb === null) delaysMs.push(delayMs(clip, first));
      }
    }
    const value = (100 * heard) / (draws * said.length);
    measured.push({ what: `"${word}": heard, ${what}`, value, unit: "%", budget, atLeast: true });
  }
  for (const percent of [50, 95])
    measured.push({
      what: `"${word}": heard after its end, ${percent} % within`,
      value: percentile(Float64Array.from(delaysMs), percent),
      unit: "ms",
      budget: null,
    });
  return measured;
}

/** Below zero where it was recognised before its last sound was over. */
function delayMs({ wordEnd }: Clip, detectedAt: number): number {
  return ((detectedAt - (wordEnd ?? 0)) * 1_000) / RATE_HZ;
}

async function measureFalse(word: WakeWord, listener: WakeListener, { what, sounds }: Speech): Promise<Measured[]> {
  if (sounds.length === 0) return [];
  let count = 0;
  const doubtsBefore = listener.doubts;
  for (const sound of sounds) count += (await listener.detections(sound)).length;
  const hours = sounds.reduce((sum, sound) => sum + sound.length, 0) / RATE_HZ / 3_600;
  const { least, most } = rateBounds(count, hours);
  const label = `"${word}": ${what}`;
  return [
    { what: `${label}, hours`, value: hours, unit: "h", budget: null },
    { what: `${label}, taken for it`, value: count, unit: "count", budget: null },
    { what: `${label}, in doubt`, value: listener.doubts - doubtsBefore, unit: "count", budget: null },
    { what: `${label}, an hour, at least (95 %)`, value: least, unit: "1/h", budget: null },
    { what: `${label}, an hour, at most (95 %)`, value: most, unit: "1/h", budget: null },
  ];
}

async function measureCost(corpus: Corpus, every: number): Promise<Measured[]> {
  await using listener = await WakeListener.open("computer");
  const speech = corpus.recordings.filter(({ word }, i) => word === null && i % (4 * every) === 0);
  const random = seededRandom(2);
  const quiet = Int16Array.from({ length: QUIET_SECONDS * RATE_HZ }, () => (random() - 0.5) * 60);
  return [
    {
      what: "somebody talks: CPU of one core",
      value: await costOf(
        listener,
        speech.map(({ clip }) => clip.samples),
      ),
      unit: "%",
      budget: BUDGET.corePercent,
    },
    { what: "a quiet room: CPU of one core", value: await costOf(listener, [quiet]), unit: "%", budget: null },
  ];
}

async function costOf(listener: WakeListener, sounds: readonly Int16Array[]): Promise<number> {
  const before = process.cpuUsage();
  for (const sound of sounds) await listener.detections(sound);
  const { user, system } = process.cpuUsage(before);
  const seconds = sounds.reduce((sum, sound) => sum + sound.length / RATE_HZ + 0.5, 0);
  return (user + system) / 1e4 / seconds;
}

function othersThan(word: WakeWord, corpus: Corpus): Int16Array[] {
  return corpus.recordings.filter((each) => each.word !== word).map(({ clip }) => clip.samples);
}

function inNoise(sounds: readonly Int16Array[], corpus: Corpus): Int16Array[] {
  const random = seededRandom(3);
  return sounds.map((samples) => withNoise({ samples, wordEnd: null }, corpus.kitchen.judge, 10, random).samples);
}

/** In voices and words that the heads were not trained with, near ones among them. */
async function makeSpeech(quick: boolean): Promise<Int16Array[]> {
  await using voices = await Voices.open(seededRandom(4), "judge");
  const count = quick ? MADE_SPEECHES / QUICK_EVERY : MADE_SPEECHES;
  const said = await voices.sayOther(await readDictionary(), WAKE_WORDS, count);
  return said.map(({ samples }) => samples);
}
