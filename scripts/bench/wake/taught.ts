import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { EMBEDDING_FLOATS, STEP_SAMPLES } from "#audio/engines/speech-embedding.ts";
import { TeachEar } from "#audio/engines/teach-ear.ts";
import { WAKE_HEADS } from "#audio/engines/wake-embedding.ts";
import { decodeWakeHead, HEAD_STEPS } from "#audio/engines/wake-head.ts";
import { WakeTeacher } from "#audio/engines/wake-teach.ts";
import type { Stream } from "#audio/engines/wake-train.ts";
import { RATE_HZ } from "#audio/frame.ts";
import { makeOthers } from "#audio/teach/other-speech.ts";
import { seeded } from "#audio/teach/vary.ts";
import { WAKE_WORDS } from "#audio/wake-word.ts";
import { mixNoise } from "../../hear/noise.ts";
import { seededRandom } from "../../hear/random.ts";
import { readSound } from "../../hear/sound-file.ts";
import { readAll } from "../../train-wake/corpus.ts";
import type { Measured } from "../report.ts";
import { rateBounds } from "./poisson.ts";
import { casesOfPeople, casesOfVoices, speak, type TaughtCase } from "./taught-cases.ts";

const NOISE_DB = 10;
/** Other speech: none of the words that are taught here. */
const OTHER = ["commands", "wake/alexa", "wake/computer", "wake/jarvis"];

type TaughtOptions = Readonly<{
  data: string;
  /** Of each kind so many words are taught at most. */
  cases: number;
  /** Of other speech every so many-th recording. */
  every: number;
  onCase?: (says: string) => void;
}>;
type Around = Readonly<{ ear: TeachEar; noise: Int16Array; others: readonly Stream[]; folder: string }>;

/** How well words are heard that were taught by six recordings of one person, or of one made voice. */
export async function measureTaught(options: TaughtOptions): Promise<Measured[]> {
  const { data, cases, every, onCase = () => undefined } = options;
  await using ear = await TeachEar.open();
  const noise = await readSound(path.join(data, "commands/noise-kitchen.flac"));
  const others = await otherSpeech(data, every, ear);
  const folder = await mkdtemp(path.join(os.tmpdir(), "porter-taught-"));
  const measured: Measured[] = [];
  try {
    for (const { what, of } of [
      { what: "people", of: await casesOfPeople(data, cases) },
      { what: "made voices", of: await casesOfVoices(folder, cases) },
    ]) {
      const found: Found[] = [];
      for (const one of of) {
        const result = await measureCase(one, { ear, noise, others, folder });
        onCase(`${what}, ${one.word}: ${JSON.stringify(result)}`);
        found.push(result);
      }
      if (found.length > 0) measured.push(...tell(`taught, ${what}`, found));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return measured;
}

async function otherSpeech(data: string, every: number, ear: TeachEar): Promise<Stream[]> {
  const streams: Stream[] = [];
  for (const source of OTHER) {
    const recordings = await readAll(path.join(data, source)).catch(() => []);
    for (const [at, samples] of recordings.entries()) if (at % every === 0) streams.push(await ear.embed(samples));
  }
  return streams;
}

type Count = Readonly<{ of: number; heard: number }>;
type Found = Readonly<{
  refused: readonly string[] | null;
  clean: Count;
  noisy: Count;
  byOthers: Count;
  taken: number;
  hours: number;
}>;
const NONE: Count = { of: 0, heard: 0 };

/** As `porter wake teach` does it. */
async function measureCase(one: TaughtCase, { ear, noise, others, folder }: Around): Promise<Found> {
  const say = (text: string, voice: string, speed: number) => speak(folder, { text, voice, speed, pitch: 50 });
  await using teacher = await WakeTeacher.open(await makeOthers(say, seeded(11), one.word));
  const heads = WAKE_WORDS.map((word) => ({ word, head: decodeWakeHead(readFileSync(WAKE_HEADS[word])) }));
  const taught = await teacher.teach({ recordings: one.takes, heads });
  if (!taught.ok) return { refused: taught.why, clean: NONE, noisy: NONE, byOthers: NONE, taken: 0, hours: 0 };
  const random = seededRandom(5);
  const count = async (sounds: readonly Int16Array[]): Promise<Count> => {
    let heard = 0;
    for (const sound of sounds) heard += Math.min(1, ear.wakes(await ear.embed(sound), taught.head, "normal"));
    return { of: sounds.length, heard };
  };
  const inNoise = one.held.map((sound) => mixNoise(sound, noise, NOISE_DB, Math.floor(random() * noise.length)));
  const steps = others.reduce((sum, { length }) => sum + length / EMBEDDING_FLOATS - HEAD_STEPS + 1, 0);
  return {
    refused: null,
    clean: await count(one.held),
    noisy: await count(inNoise),
    byOthers: await count(one.byOthers.filter((_, at) => at % 4 === 0)),
    taken: others.reduce((sum, stream) => sum + ear.wakes(stream, taught.head, "normal"), 0),
    hours: (steps * STEP_SAMPLES) / RATE_HZ / 3_600,
  };
}

function tell(label: string, found: readonly Found[]): Measured[] {
  const share = (what: string, of: (each: Found) => Count): Measured[] => {
    const [all, heard] = [addUp(found, (each) => of(each).of), addUp(found, (each) => of(each).heard)];
    if (all === 0) return [];
    return [
      { what: `${label}: ${what}, recordings`, value: all, unit: "count", budget: null },
      { what: `${label}: ${what}, heard`, value: (100 * heard) / all, unit: "%", budget: null, atLeast: true },
    ];
  };
  const [taken, hours] = [addUp(found, (each) => each.taken), addUp(found, (each) => each.hours)];
  const { least, most } = rateBounds(taken, Math.max(hours, Number.MIN_VALUE));
  return [
    { what: `${label}: words`, value: found.length, unit: "count", budget: null },
    { what: `${label}: refused`, value: addUp(found, (each) => (each.refused ? 1 : 0)), unit: "count", budget: null },
    ...share("clean", ({ clean }) => clean),
    ...share(`${NOISE_DB} dB`, ({ noisy }) => noisy),
    ...share("said by others", ({ byOthers }) => byOthers),
    { what: `${label}: other speech, hours times words`, value: hours, unit: "h", budget: null },
    { what: `${label}: taken for it`, value: taken, unit: "count", budget: null },
    { what: `${label}: an hour, at least (95 %)`, value: least, unit: "1/h", budget: null },
    { what: `${label}: an hour, at most (95 %)`, value: most, unit: "1/h", budget: null },
  ];
}

function addUp(found: readonly Found[], of: (each: Found) => number): number {
  return found.reduce((total, each) => total + of(each), 0);
}
