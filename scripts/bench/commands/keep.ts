import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import path from "node:path";
import { wavHeader } from "#audio/wav.ts";
import { grammarFor } from "#device/voice/grammar.ts";
import type { SpeakingVoice } from "../../hear/speak.ts";
import { type Case, makeCases } from "./cases.ts";
import { readPeople } from "./people.ts";
import { taken } from "./rows.ts";
import { say, VOICES, voiceOf } from "./spoken.ts";

type Kept = Readonly<{
  file: string;
  sentence: string;
  intent: string;
  person: string | null;
  voice: string;
  measured: boolean;
}>;

/**
 * The sentences of the calling part, each by every voice, as 16 kHz mono WAV files without noise, for tools that train
 * or compare: `cases.json` says what is said in each, and whether that is the voice in which it is measured; `book.jsgf` is the
 * grammar that a unit listens with. Returns how many there are.
 */
export async function keepCases(folder: string, every: number): Promise<number> {
  const book = readPeople();
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "book.jsgf"), grammarFor(book));
  const cases = taken(makeCases(book), every).flatMap((each, at) =>
    VOICES.map((voice) => ({ voice, kept: described(each, voice, at) })),
  );
  const lanes = cpus().map(async (_, lane) => {
    for (const { voice, kept } of cases.filter((_case, at) => at % cpus().length === lane)) {
      const samples = await say(voice, kept.sentence);
      const sound = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
      await writeFile(path.join(folder, kept.file), Buffer.concat([wavHeader(samples.length), sound]));
    }
  });
  await Promise.all(lanes);
  // Last, so that whoever finds it finds all that it lists.
  const listed = cases.map(({ kept }) => kept);
  await writeFile(path.join(folder, "cases.json"), `${JSON.stringify(listed, null, 1)}\n`);
  return cases.length;
}

function described({ sentence, voice: own }: Case, voice: SpeakingVoice, at: number): Kept {
  const { text, intent, person } = sentence;
  const called = voiceOf(voice);
  const file = `${String(at).padStart(4, "0")}-${called}.wav`;
  return { file, sentence: text, intent, person: person?.name ?? null, voice: called, measured: voice === own };
}
