import * as v from "valibot";

/** What the unit can be called; each has a head in `audio/models`. */
export const WAKE_WORDS = ["computer", "jarvis"] as const;
export type WakeWord = (typeof WAKE_WORDS)[number];

/** How easily its name is taken for said: "high" hears more in noise, and more that was not meant. */
export const WAKE_SENSITIVITIES = ["low", "normal", "high"] as const;

/** What the owner chooses: part of `AudioConfig`. */
export const wakeConfig = {
  wakeWord: v.optional(v.picklist(WAKE_WORDS), "computer"),
  wakeSensitivity: v.optional(v.picklist(WAKE_SENSITIVITIES), "normal"),
};
