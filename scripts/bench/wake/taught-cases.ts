import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { RATE_HZ } from "#audio/frame.ts";
import { seeded } from "#audio/teach/vary.ts";
import { readAt16k } from "../../hear/speak.ts";
import { readAll } from "../../train-wake/corpus.ts";
import { groupBySpeaker } from "./speakers.ts";

const run = promisify(execFile);

const TAKES = 6;
/** Recordings of one person: six to learn from, and one more at least. More of a kind than that are none of one person. */
const OF_ONE_PERSON = { least: TAKES + 1, most: 20 } as const;
/** Recorded words that no head of ours has. */
const RECORDED = ["view-glass", "smart-mirror", "snowboy"] as const;
/** Words that nothing of ours ever learned from, in voices of espeak-ng that no other speech here has. */
const MADE = [
  { word: "marmalade", voice: "en-us+Denis" },
  { word: "velocity", voice: "en-gb+linda" },
  { word: "hummingbird", voice: "en-us+robert" },
] as const;
const MADE_HELD = 12;

/** One word as one person, or one voice, says it. */
export type TaughtCase = Readonly<{
  word: string;
  /** To learn from. */
  takes: readonly Int16Array[];
  /** Of the same voice. */
  held: readonly Int16Array[];
  /** The same word by others. */
  byOthers: readonly Int16Array[];
}>;

/** At most `most`, from as many words as can be. */
export async function casesOfPeople(data: string, most: number): Promise<TaughtCase[]> {
  const byWord: TaughtCase[][] = [];
  for (const word of RECORDED) {
    const recordings = await readAll(path.join(data, "wake", word)).catch(() => []);
    const groups = groupBySpeaker(recordings, OF_ONE_PERSON.least, OF_ONE_PERSON.most);
    byWord.push(
      groups.map((group) => {
        const theirs = group.map((at) => recordings[at] ?? new Int16Array());
        const byOthers = recordings.filter((_, at) => !group.includes(at));
        return { word: word.replace("-", " "), takes: theirs.slice(0, TAKES), held: theirs.slice(TAKES), byOthers };
      }),
    );
  }
  const longest = Math.max(0, ...byWord.map(({ length }) => length));
  const turns = Array.from({ length: longest }, (_, turn) => byWord.flatMap((cases) => cases.slice(turn, turn + 1)));
  return turns.flat().slice(0, most);
}

export async function casesOfVoices(folder: string, most: number): Promise<TaughtCase[]> {
  const cases: TaughtCase[] = [];
  for (const { word, voice } of MADE.slice(0, most)) {
    const random = seeded(17);
    const said: Int16Array[] = [];
    for (let at = 0; at < TAKES + MADE_HELD; at += 1) {
      const speed = 130 + 60 * random();
      said.push(inRoom(await speak(folder, { text: word, voice, speed, pitch: 35 + 30 * random() }), random));
    }
    cases.push({ word, takes: said.slice(0, TAKES), held: said.slice(TAKES), byOthers: [] });
  }
  return cases;
}

type Spoken = Readonly<{ text: string; voice: string; speed: number; pitch: number }>;

export async function speak(folder: string, { text, voice, speed, pitch }: Spoken): Promise<Int16Array> {
  const file = path.join(folder, "said.wav");
  const settings = ["-v", voice, "-s", speed.toFixed(0), "-p", pitch.toFixed(0)];
  await run("espeak-ng", [...settings, "-w", file, "--", text]);
  return readAt16k(file);
}

/** A second of the room before and behind it, 50 dB below the voice. */
function inRoom(said: Int16Array, random: () => number): Int16Array {
  return Int16Array.from({ length: said.length + 2 * RATE_HZ }, (_, at) => {
    return (said[at - RATE_HZ] ?? 0) * 0.5 + 40 * (random() - 0.5);
  });
}
