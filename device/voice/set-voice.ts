import { ordering, saying } from "./outputs.ts";
import * as say from "./say.ts";
import type { Dialog, DialogStep, Situation, VoiceSettings } from "./states.ts";

export const DEFAULT_VOICE: VoiceSettings = { volume: 8, wordsPerMinute: 165, waitMs: 450 };
/** A unit that cannot be heard cannot say why: the least is soft, not silent. */
export const VOICE_LIMITS = {
  volume: [1, 10],
  wordsPerMinute: [100, 260],
  waitMs: [400, 5_000],
} as const satisfies Record<keyof VoiceSettings, readonly [number, number]>;
const STEP = { volume: 1, wordsPerMinute: 25 } as const;

export type VoiceIntent = "louder" | "quieter" | "slower" | "faster" | "wait-longer" | "wait-less";

export function turn(dialog: Dialog, intent: VoiceIntent, { voice }: Situation): DialogStep {
  switch (intent) {
    case "louder":
      return set(dialog, voice, { volume: voice.volume + STEP.volume });
    case "quieter":
      return set(dialog, voice, { volume: voice.volume - STEP.volume });
    case "slower":
      return set(dialog, voice, { wordsPerMinute: voice.wordsPerMinute - STEP.wordsPerMinute });
    case "faster":
      return set(dialog, voice, { wordsPerMinute: voice.wordsPerMinute + STEP.wordsPerMinute });
    case "wait-longer":
      return set(dialog, voice, { waitMs: voice.waitMs < 500 ? 1_000 : voice.waitMs * 1.5 });
    case "wait-less":
      return set(dialog, voice, { waitMs: voice.waitMs / 1.5 });
  }
}

export function setVolume(dialog: Dialog, volume: number, { voice }: Situation): DialogStep {
  return set(dialog, voice, { volume });
}

function set(dialog: Dialog, before: VoiceSettings, change: Partial<VoiceSettings>): DialogStep {
  const voice = withinLimits({ ...before, ...change });
  const sentence = told(before, voice, change);
  return [dialog, [...ordering({ type: "set-voice", voice }), ...saying(sentence)]];
}

function told(before: VoiceSettings, after: VoiceSettings, change: Partial<VoiceSettings>): say.Sentence {
  if (change.volume !== undefined) return say.volumeIs(after.volume);
  if (change.wordsPerMinute !== undefined) return say.speaksSo(after.wordsPerMinute !== before.wordsPerMinute);
  return say.waitsFor(after.waitMs);
}

export function withinLimits(voice: VoiceSettings): VoiceSettings {
  const clamp = (key: keyof VoiceSettings) => {
    const [least, most] = VOICE_LIMITS[key];
    return Math.round(Math.min(most, Math.max(least, voice[key])));
  };
  return { volume: clamp("volume"), wordsPerMinute: clamp("wordsPerMinute"), waitMs: clamp("waitMs") };
}
