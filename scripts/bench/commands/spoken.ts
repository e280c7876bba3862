import { RATE_HZ } from "#audio/frame.ts";
import { clip } from "../../hear/noise.ts";
import { seededRandom } from "../../hear/random.ts";
import { type SpeakingVoice, speak } from "../../hear/speak.ts";

/** Of both sexes, American, English and Scottish, from recordings of people (flite) and made of formants (espeak-ng). */
export const VOICES: readonly SpeakingVoice[] = [
  { by: "flite", name: "slt" },
  { by: "espeak", name: "en-gb" },
  { by: "flite", name: "rms" },
  { by: "espeak", name: "en-us" },
  { by: "flite", name: "awb" },
  { by: "espeak", name: "en-gb-scotland" },
  { by: "flite", name: "kal16" },
  { by: "espeak", name: "en-us+f2" },
];
/** As much as a unit hears around a command. */
const PAUSE_SAMPLES = 0.4 * RATE_HZ;
/** A quiet room at -60 dBFS: no microphone hears nothing at all, as synthetic voices have it between words. */
const ROOM_PEAK = 56;

/** `text` in a quiet room: mono, 16 kHz; the same each time. */
export async function say(voice: SpeakingVoice, text: string): Promise<Int16Array> {
  return inRoom(await speak(voice, text));
}

export function voiceOf({ by, name }: SpeakingVoice): string {
  return `${by}-${name}`;
}

/** In turn, each round beginning one further on: so that every second of many has all voices, too. */
export function voiceAt(at: number): SpeakingVoice {
  const voice = VOICES[(at + Math.floor(at / VOICES.length)) % VOICES.length];
  if (voice === undefined) throw new Error("there is no voice");
  return voice;
}

function inRoom(said: Int16Array): Int16Array {
  const random = seededRandom(said.length);
  const sound = Int16Array.from({ length: said.length + 2 * PAUSE_SAMPLES }, () => (2 * random() - 1) * ROOM_PEAK);
  for (const [at, sample] of said.entries())
    sound[PAUSE_SAMPLES + at] = clip((sound[PAUSE_SAMPLES + at] ?? 0) + sample);
  return sound;
}
