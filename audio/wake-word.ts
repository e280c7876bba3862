import * as v from "valibot";

/** What the unit can be called; each has a head in `audio/models`. */
export const WAKE_WORDS = ["computer", "jarvis"] as const;
export type WakeWord = (typeof WAKE_WORDS)[number];

/** What the owner chooses: part of `AudioConfig`. */
export const wakeConfig = {
  /** False: commands are heard only where the unit has asked something; for machines too slow to listen all the time. */
  wakeWord: v.optional(v.union([v.picklist(WAKE_WORDS), v.literal(false)]), "computer"),
  /** How easily its name is taken for said: "high" hears more in noise, and more that was not meant. */
  wakeSensitivity: v.optional(v.picklist(["low", "normal", "high"]), "normal"),
};
