import { join } from "node:path";
import * as v from "valibot";
import { readJsonFile } from "#base/json-file.ts";
import { VoiceAnswer } from "./control/voice-views.ts";
import { prepareFile } from "./store/durable-file.ts";
import { DEFAULT_VOICE } from "./voice/set-voice.ts";
import type { VoiceSettings } from "./voice/states.ts";

const FILE = "voice.json";

/** How the unit speaks and listens, in its folder. A file that nobody can read counts as none: nothing else hangs on it. */
export function readVoice(folder: string): VoiceSettings {
  const read = readJsonFile(join(folder, FILE));
  const parsed = v.safeParse(VoiceAnswer, read.ok ? read.value : null);
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
