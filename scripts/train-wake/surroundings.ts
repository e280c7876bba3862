import { RATE_HZ } from "#audio/frame.ts";
import { mixNoise } from "../hear/noise.ts";
import { type Clip, embed, pick, type Random, withGain, withNarrowBand, withSpeed } from "./clip.ts";
import { babble, music, type Noise, recorded, ring, rushing } from "./noises.ts";
import type { Rooms } from "./rooms.ts";

/** What a clip may meet: other speech before and behind it, noises, rooms. */
export type Surroundings = Readonly<{ others: readonly Clip[]; rooms: Rooms; kitchen: Int16Array }>;

/** How often each noise is heard, and how little louder than it the clip is at worst and at best. */
type Heard = Readonly<{ often: number; noise: Noise; fromDb: number; toDb: number }>;

/** A clip in surroundings drawn by chance: the same for words and for what is not one, so that none stands for either. */
export function vary(clip: Clip, { others, rooms, kitchen }: Surroundings, random: Random): Clip {
  let varied = random() < 0.6 ? withSpeed(clip, 0.88 + 0.26 * random()) : clip;
  varied = varied.wordEnd === null ? varied : random() < 0.4 ? inSpeech(varied, others, random) : alone(varied, random);
  if (random() < 0.4) varied = rooms.within(varied, random);
  if (random() < 0.1) varied = withNarrowBand(varied);
  const heard = chooseNoise(others, kitchen, random());
  if (heard !== null) {
    const noise = heard.noise(random, varied.samples.length);
    const snrDb = heard.fromDb + (heard.toDb - heard.fromDb) * random();
    varied = { ...varied, samples: mixNoise(varied.samples, noise, snrDb, 0) };
  }
  return random() < 0.7 ? withGain(varied, -30 + 36 * random()) : varied;
}

function chooseNoise(others: readonly Clip[], kitchen: Int16Array, chance: number): Heard | null {
  const noises: readonly Heard[] = [
    { often: 0.38, noise: recorded(kitchen), fromDb: 1, toDb: 22 },
    { often: 0.13, noise: babble(others), fromDb: 3, toDb: 22 },
    { often: 0.13, noise: rushing, fromDb: 1, toDb: 25 },
    { often: 0.09, noise: music, fromDb: 1, toDb: 22 },
    { often: 0.07, noise: ring, fromDb: 0, toDb: 20 },
  ];
  let left = chance;
  for (const each of noises) {
    if (left < each.often) return each;
    left -= each.often;
  }
  return null;
}

/** The word with silence around it, cut from its recording. */
function alone(clip: Clip, random: Random): Clip {
  const silence = (): Int16Array => new Int16Array(Math.floor(random() * 0.4 * RATE_HZ));
  return embed(clip, silence(), silence(), Math.floor(0.8 * RATE_HZ));
}

function inSpeech(clip: Clip, others: readonly Clip[], random: Random): Clip {
  const before = random() < 0.5 ? new Int16Array(0) : pick(random, others).samples.slice(-RATE_HZ);
  const next = pick(random, others).samples;
  // Recordings begin with silence: skip it, so that what follows is speech.
  const speechStart = Math.max(0, next.findIndex((sample) => Math.abs(sample) > 1_500) - 800);
  return embed(clip, before, next.slice(speechStart, speechStart + RATE_HZ), Math.floor(random() * 0.4 * RATE_HZ));
}
