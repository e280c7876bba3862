import * as v from "valibot";

/** What every unit can be called; each has a head in `audio/models`. */
export const WAKE_WORDS = ["computer", "jarvis"] as const;
export type WakeWord = (typeof WAKE_WORDS)[number];

const Trained = v.picklist(WAKE_WORDS);

/** A word that an owner teaches a unit, or a few: plain letters, which letter-to-sound can say and a file can be named by. */
export const TaughtWord = v.pipe(
  v.string(),
  v.regex(/^[a-z]{2,}(?: [a-z]{2,}){0,2}$/, "a word to teach is one to three words of plain small letters"),
  v.minLength(4, "a word to teach has four letters or more"),
  v.maxLength(24, "a word to teach has 24 letters at most"),
  v.check((word) => !v.is(Trained, word), `each unit knows ${WAKE_WORDS.join(" and ")} already`),
);

/** What the owner chooses: part of `AudioConfig`. */
export const wakeConfig = {
  /** False: commands are heard only where the unit has asked something; for machines too slow to listen all the time. */
  wakeWord: v.optional(v.union([v.picklist(WAKE_WORDS), v.literal(false)]), "computer"),
  /** A word of the owner's own in place of that, where the unit's folder holds what was taught of it. */
  taughtWord: v.optional(TaughtWord),
  /** How easily its name is taken for said: "high" hears more in noise, and more that was not meant. */
  wakeSensitivity: v.optional(v.picklist(["low", "normal", "high"]), "normal"),
};
