import * as v from "valibot";

/** What the unit can be called; each has a head in `audio/models`. */
export const WAKE_WORDS = ["computer", "jarvis"] as const;
export type WakeWord = (typeof WAKE_WORDS)[number];

/** What the owner chooses: part of `AudioConfig`. */
export const wakeConfig = {
  wakeWord: v.optional(v.picklist(WAKE_WORDS), "computer"),
  /** How easily its name is taken for said: "high" hears more in noise, and more that was not meant. */
  wakeSensitivity: v.optional(v.picklist(["low", "normal", "high"]), "normal"),
};
