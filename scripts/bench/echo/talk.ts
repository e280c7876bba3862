import { RATE_HZ } from "#audio/frame.ts";
import { gainOfDb, saturate } from "#audio/level.ts";
import { type SpeakingVoice, speak } from "../../hear/speak.ts";
import { activeDbfs } from "./measure.ts";

const FAR_VOICES: readonly SpeakingVoice[] = [
  { by: "flite", name: "rms" },
  { by: "flite", name: "awb" },
  { by: "flite", name: "kal16" },
];
const FAR_TEXT = `When the wind blew over the hill the old house began to creak, and nobody slept. The baker rose at four,
as he always did, and lit the oven. By six the smell of fresh bread had reached the harbour.`;
const NEAR_TEXT = `Did you hear what happened next door? Their roof is leaking, and the man who was to repair it broke his
leg. So now they have buckets in every room, and the children think that it is a game. Give my love to everybody.`;

const spoken = new Map<string, Promise<Int16Array>>();

/** Whoever talks at the far end: several voices, one after another. */
export async function farTalk(seconds: number): Promise<Int16Array> {
  return joined(await Promise.all(FAR_VOICES.map((voice) => once(voice, FAR_TEXT))), seconds);
}

/** Whoever talks in the room, from `fromS` on. */
export async function nearTalk(
  voice: SpeakingVoice,
  fromS: number,
  seconds: number,
  dbfs: number,
): Promise<Int16Array> {
  const all = new Int16Array(seconds * RATE_HZ);
  all.set(atLevel(joined([await once(voice, NEAR_TEXT)], seconds - fromS), dbfs), fromS * RATE_HZ);
  return all;
}

/** As loud as that while somebody speaks. */
export function atLevel(sound: Int16Array, dbfs: number): Int16Array {
  const gain = gainOfDb(dbfs - activeDbfs(sound));
  return sound.map((sample) => saturate(sample * gain));
}

/** Each as loud as the others, from the first again when they are over. */
function joined(parts: readonly Int16Array[], seconds: number): Int16Array {
  const out = new Int16Array(seconds * RATE_HZ);
  for (let at = 0, next = 0; at < out.length; next += 1) {
    const part = atLevel(parts[next % parts.length] ?? new Int16Array(1), -20);
    out.set(part.subarray(0, out.length - at), at);
    at += part.length;
  }
  return out;
}

function once(voice: SpeakingVoice, text: string): Promise<Int16Array> {
  const key = `${voice.by} ${voice.name}: ${text}`;
  const sound = spoken.get(key) ?? speak(voice, text);
  spoken.set(key, sound);
  return sound;
}
