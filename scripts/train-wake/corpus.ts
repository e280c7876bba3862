import { readdir } from "node:fs/promises";
import path from "node:path";
import { RATE_HZ } from "#audio/frame.ts";
import { readSound } from "../hear/sound-file.ts";
import { type Clip, embed, findWordEnd, pick, type Random, ringLike, withGain, withNoise, withRoom } from "./clip.ts";

/** The recordings, split by file: even ones to learn from, odd ones to be judged on; the noise by halves. */
export type Corpus = Readonly<{ wake: Split; other: Split; noise: Readonly<{ train: Int16Array; held: Int16Array }> }>;
type Split = Readonly<{ train: Clip[]; held: Clip[] }>;

/** `folder` holds `wake/<word>/*.flac` and `commands/*.flac`, `commands/noise-kitchen.flac`. */
export async function readCorpus(folder: string): Promise<Corpus> {
  const wake = split((await readAll(path.join(folder, "wake/computer"))).map(atWordEnd));
  const other: Split = { train: [], held: [] };
  const words = (await readdir(path.join(folder, "wake"))).filter((word) => word !== "computer").toSorted();
  for (const source of [...words.map((word) => `wake/${word}`), "commands"]) {
    const clips = split((await readAll(path.join(folder, source))).map((samples) => ({ samples, wordEnd: null })));
    other.train.push(...clips.train);
    other.held.push(...clips.held);
  }
  const noise = await readSound(path.join(folder, "commands/noise-kitchen.flac"));
  const half = noise.length >> 1;
  return { wake, other, noise: { train: noise.subarray(0, half), held: noise.subarray(half) } };
}

/** Other surroundings for each wake word: noise, a ring, a room, another level, speech close before and behind. */
export function varyPositives(
  clips: readonly Clip[],
  others: readonly Clip[],
  noise: Int16Array,
  random: Random,
): Clip[] {
  return clips.flatMap((clip) => {
    const between = () => inSpeech(clip, others, random);
    return [
      clip,
      withGain(clip, -6 - 18 * random()),
      withRoom(clip, random),
      withNoise(clip, noise, 18 + 8 * random(), random),
      withNoise(clip, noise, 8 + 6 * random(), random),
      withNoise(withRoom(between(), random), noise, 5 + 6 * random(), random),
      withNoise(clip, ringLike(random, clip.samples.length), 6 + 14 * random(), random),
      withNoise(between(), ringLike(random, 3 * RATE_HZ), 3 + 12 * random(), random),
      between(),
      withGain(between(), -12 * random()),
    ];
  });
}

/** The same for what is not the wake word, so that none of these surroundings stands for it. */
export function varyNegatives(clips: readonly Clip[], noise: Int16Array, random: Random): Clip[] {
  return clips.flatMap((clip) => [
    clip,
    withNoise(withGain(clip, -20 * random()), noise, 5 + 15 * random(), random),
    withNoise(withRoom(clip, random), ringLike(random, clip.samples.length), 3 + 17 * random(), random),
  ]);
}

/** Noise and rings alone, at several levels. */
export function withoutSpeech(noise: Int16Array, random: Random): Clip[] {
  const seconds = (count: number) => count * RATE_HZ;
  const quiet = Array.from({ length: 4 }, (_, i) => withGain({ samples: noise, wordEnd: null }, -10 * i));
  const rings = Array.from({ length: 20 }, () => {
    return withGain({ samples: ringLike(random, seconds(5)), wordEnd: null }, -40 * random());
  });
  return [...quiet, ...rings];
}

function inSpeech(clip: Clip, others: readonly Clip[], random: Random): Clip {
  const before = random() < 0.5 ? new Int16Array(0) : pick(random, others).samples.slice(-RATE_HZ);
  const next = pick(random, others).samples;
  // Recordings begin with silence: skip it, so that what follows is speech.
  const speechStart = Math.max(0, next.findIndex((sample) => Math.abs(sample) > 1_500) - 800);
  return embed(clip, before, next.slice(speechStart, speechStart + RATE_HZ), Math.floor(random() * 0.4 * RATE_HZ));
}

function atWordEnd(samples: Int16Array): Clip {
  return { samples, wordEnd: findWordEnd(samples) };
}

function split(clips: Clip[]): Split {
  return { train: clips.filter((_, i) => i % 2 === 0), held: clips.filter((_, i) => i % 2 === 1) };
}

async function readAll(folder: string): Promise<Int16Array[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".flac") && !name.startsWith("noise"));
  const sounds: Int16Array[] = [];
  for (const name of names.toSorted()) sounds.push(await readSound(path.join(folder, name)));
  return sounds;
}
