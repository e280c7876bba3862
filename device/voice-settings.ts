import { join } from "node:path";
import * as v from "valibot";
import { readJsonFile } from "#base/json-file.ts";
import { prepareFile } from "./store/durable-file.ts";
import { DEFAULT_VOICE, VOICE_LIMITS } from "./voice/set-voice.ts";
import type { VoiceSettings } from "./voice/states.ts";

const FILE = "voice.json";

function within([least, most]: readonly [number, number]) {
  return v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
}

const Kept = v.strictObject({
  volume: within(VOICE_LIMITS.volume),
  wordsPerMinute: within(VOICE_LIMITS.wordsPerMinute),
  waitMs: within(VOICE_LIMITS.waitMs),
});

/** How the unit speaks and listens, in its folder. A file that nobody can read counts as none: nothing else hangs on it. */
export function readVoice(folder: string): VoiceSettings {
  const read = readJsonFile(join(folder, FILE));
  const parsed = v.safeParse(Kept, read.ok ? read.value : null);
  return parsed.success ? parsed.output : DEFAULT_VOICE;
}

/** False where the disk refuses it: it holds until the next start. */
export function keepVoice(folder: string, voice: VoiceSettings): boolean {
  try {
    prepareFile(join(folder, FILE), Buffer.from(JSON.stringify(voice)))();
    return true;
  } catch {
    return false;
  }
}
