import * as v from "valibot";
import { TaughtWord } from "./wake-word.ts";

/**
 * What crosses where an owner teaches the unit a word: parts of protocol.ts, and every message between `porter wake
 * teach` and the process that learns (audio/teach/main.ts; Node IPC). Sound is mono, 16 kHz, 16 bit, little-endian.
 */

/** So long each recording of the word is. */
export const TAKE_MS = 3_000;
/** So many recordings a word is learned from. */
export const TAKES = { least: 5, usual: 6, most: 8 } as const;

const TAKE_BYTES = (TAKE_MS / 1_000) * 16_000 * 2;
const TakeId = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
const base64 = (mostBytes: number) => v.pipe(v.string(), v.maxLength(4 * Math.ceil(mostBytes / 3)), v.base64());

/** A head file (audio/engines/wake-head.ts): one layer, and room for little more. */
export const HeadText = v.pipe(base64(12_288), v.minLength(4));
export const TakeSound = base64(TAKE_BYTES);

/** Brain to audio. */
export const teachCommands = [
  /** Listens for this word from now on, in place of the config's. One that is not understood changes nothing. */
  v.strictObject({ type: v.literal("set-wake"), word: TaughtWord, head: HeadText }),
  /** Records TAKE_MS once nothing is being said or played: a tone, then what the wake word would hear. `taken` comes. */
  v.strictObject({ type: v.literal("take"), id: TakeId }),
] as const;

/** Audio to brain. */
export const teachReports = [
  /** `why`: it is whole; else there is no sound of it: muted, or something else had to be heard or played. */
  v.strictObject({
    type: v.literal("taken"),
    id: TakeId,
    why: v.picklist(["whole", "deaf", "interrupted"]),
    sound: TakeSound,
  }),
] as const;

/** What the process that learns is asked. */
export const TeachTask = v.variant("do", [
  /** One more recording; `judged` comes. One that is of no use does not count. */
  v.strictObject({ do: v.literal("hear"), sound: TakeSound }),
  v.strictObject({ do: v.literal("hear-file"), path: v.pipe(v.string(), v.maxLength(4_096)) }),
  /** `progress` comes again and again, then `taught` or `refused`. */
  v.strictObject({ do: v.literal("learn"), word: TaughtWord }),
]);
export type TeachTask = v.InferOutput<typeof TeachTask>;

const Sentence = v.pipe(v.string(), v.maxLength(1_000));
export const TeachReply = v.variant("type", [
  /** `fault`: why it is of no use, in words that say what to do. */
  v.strictObject({ type: v.literal("judged"), fault: v.nullable(Sentence) }),
  /** From 0 to 1. */
  v.strictObject({ type: v.literal("progress"), share: v.number() }),
  /** `heardPercent`: of what it was tried with; by ears that had not learned from that recording. */
  v.strictObject({ type: v.literal("taught"), head: HeadText, heardPercent: v.number() }),
  v.strictObject({ type: v.literal("refused"), why: v.pipe(v.array(Sentence), v.maxLength(16)) }),
]);
export type TeachReply = v.InferOutput<typeof TeachReply>;
