import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { RATE_HZ } from "#audio/frame.ts";
import { clip } from "../../hear/noise.ts";
import { seededRandom } from "../../hear/random.ts";
import { readSound } from "../../hear/sound-file.ts";
import { type SpeakingVoice, speak } from "../../hear/speak.ts";

/** Mono, 16 kHz; made when it is asked for. */
export type Sound = () => Promise<Int16Array>;

/** Of both sexes, American, English and Scottish, from recordings of people (flite) and made of formants (espeak-ng). */
const VOICES: readonly SpeakingVoice[] = [
  { by: "flite", name: "slt" },
  { by: "espeak", name: "en-gb" },
  { by: "flite", name: "rms" },
  { by: "espeak", name: "en-us" },
  { by: "flite", name: "awb" },
  { by: "espeak", name: "en-gb-scotland" },
  { by: "flite", name: "kal16" },
  { by: "espeak", name: "en-us+f2" },
];
const TALK = new URL("talk.txt", import.meta.url);
/** As much as a unit hears around a command. */
const PAUSE_SAMPLES = 0.4 * RATE_HZ;
/** A quiet room at -60 dBFS: no microphone hears nothing at all, as synthetic voices have it between words. */
const ROOM_PEAK = 56;

/** Each by one voice, in turn: every voice says as many. */
export function spoken(texts: readonly string[]): Sound[] {
  return texts.map((text, at) => async () => inRoom(await speak(voiceAt(at), text)));
}

function voiceAt(at: number): SpeakingVoice {
  const voice = VOICES[at % VOICES.length];
  if (voice === undefined) throw new Error("there is no voice");
  return voice;
}

/** What nobody says to a unit, each sentence by two voices. */
export function spokenTalk(): Sound[] {
  const lines = readFileSync(TALK, "utf8").split("\n");
  const talk = lines.filter((line) => line !== "" && !line.startsWith("#"));
  return [...spoken(talk), ...spoken([...talk.slice(3), ...talk.slice(0, 3)])];
}

/** Recordings of single words, where the folder beside the orders holds some. */
export async function recordedWords(data: string): Promise<Sound[]> {
  const wake = path.join(data, "wake");
  const words: string[] = await readdir(wake).catch(() => []);
  const found: Sound[] = [];
  for (const word of words.toSorted()) {
    const files = (await readdir(path.join(wake, word))).filter((name) => name.endsWith(".flac")).toSorted();
    for (const file of files) found.push(() => readSound(path.join(wake, word, file)));
  }
  return found;
}

function inRoom(said: Int16Array): Int16Array {
  const random = seededRandom(said.length);
  const sound = Int16Array.from({ length: said.length + 2 * PAUSE_SAMPLES }, () => (2 * random() - 1) * ROOM_PEAK);
  for (const [at, sample] of said.entries())
    sound[PAUSE_SAMPLES + at] = clip((sound[PAUSE_SAMPLES + at] ?? 0) + sample);
  return sound;
}
