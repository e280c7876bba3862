import { readdir } from "node:fs/promises";
import path from "node:path";
import { WAKE_WORDS, type WakeWord } from "#audio/wake-word.ts";
import { readSound } from "../hear/sound-file.ts";
import { type Clip, findWordEnd } from "./clip.ts";

/** A recording of somebody: `word` null where it is none of ours. */
export type Recording = Readonly<{ word: WakeWord | null; clip: Clip }>;
/** The recordings sorted by name, and the noise by halves: one to learn in, one to be judged in. */
export type Corpus = Readonly<{
  recordings: readonly Recording[];
  kitchen: Readonly<{ learn: Int16Array; judge: Int16Array }>;
}>;

/** Recordings are judged by others whose number leaves another rest. */
export const FOLDS = 4;

/** The last of four recordings is kept to judge the heads that ship, and of what is no wake word every second pair. */
export function isLearnedFrom(id: number, word: WakeWord | null): boolean {
  return id % FOLDS < (word === null ? 2 : FOLDS - 1);
}

/** `folder` holds `wake/<word>/*.flac` and `commands/*.flac`, `commands/noise-kitchen.flac`. */
export async function readCorpus(folder: string): Promise<Corpus> {
  const recordings: Recording[] = [];
  const words = (await readdir(path.join(folder, "wake"))).toSorted();
  for (const source of [...words.map((word) => `wake/${word}`), "commands"]) {
    const word = WAKE_WORDS.find((each) => source === `wake/${each}`) ?? null;
    for (const samples of await readAll(path.join(folder, source)))
      recordings.push({ word, clip: { samples, wordEnd: word === null ? null : findWordEnd(samples) } });
  }
  const noise = await readSound(path.join(folder, "commands/noise-kitchen.flac"));
  const half = noise.length >> 1;
  return { recordings, kitchen: { learn: noise.subarray(0, half), judge: noise.subarray(half) } };
}

/** Every recording in a folder, sorted by name; noise is none. */
export async function readAll(folder: string): Promise<Int16Array[]> {
  const names = (await readdir(folder)).filter((name) => /\.(flac|wav)$/.test(name) && !name.startsWith("noise"));
  const sounds: Int16Array[] = [];
  for (const name of names.toSorted()) sounds.push(await readSound(path.join(folder, name)));
  return sounds;
}
