import * as v from "valibot";
import { VOICE_LIMITS } from "../voice/set-voice.ts";

function within([least, most]: readonly [number, number]) {
  return v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
}

const fields = {
  volume: within(VOICE_LIMITS.volume),
  wordsPerMinute: within(VOICE_LIMITS.wordsPerMinute),
  waitMs: within(VOICE_LIMITS.waitMs),
};

export const voiceRequest = {
  volume: v.optional(fields.volume),
  wordsPerMinute: v.optional(fields.wordsPerMinute),
  waitMs: v.optional(fields.waitMs),
};

/** How the unit speaks and listens. */
export const VoiceAnswer = v.strictObject(fields);
