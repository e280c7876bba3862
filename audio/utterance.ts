/** How much sound one probability of the voice detector stands for, in milliseconds. */
const VOICE_WINDOW_MS = 32;
/** From here on a window is speech; below the second it is silence; between them it is what the last one was. */
const SPEECH_FROM = 0.5;
const SILENCE_BELOW = 0.35;
/** Less speech than this is a cough or the end of the wake word. */
const LEAST_SPEECH_MS = 96;
/** So much silence ends what was said, unless the owner wants more time. */
export const SILENCE_ENDS_MS = 450;
/** Nobody speaks a command for longer, however late they began: with the usual patience of 4 s, 8 s in all. */
export const LONGEST_AFTER_PATIENCE_MS = 4_000;

/** Where an utterance stands. Times are milliseconds of sound since listening began. */
export type Utterance = Readonly<{
  /** How long to wait for somebody to speak. */
  patienceMs: number;
  /** So much silence ends it. */
  waitMs: number;
  heardMs: number;
  speechMs: number;
  speaking: boolean;
  /** When the voice fell silent last; 0 before it spoke. */
  voiceEndedMs: number;
}>;

/** Why it ended: silence after speech, nobody spoke, or it went on for too long. */
type UtteranceEnd = "silence" | "nobody" | "too-long";
export type UtteranceStep = Readonly<{ utterance: Utterance; ended: UtteranceEnd | null }>;

export function startUtterance(patienceMs: number, waitMs: number = SILENCE_ENDS_MS): Utterance {
  return { patienceMs, waitMs, heardMs: 0, speechMs: 0, speaking: false, voiceEndedMs: 0 };
}

/** True once enough was heard that somebody must have spoken. */
export function spoke(utterance: Utterance): boolean {
  return utterance.speechMs >= LEAST_SPEECH_MS;
}

/** One more window of sound, with the probability (0 to 1) that it holds speech. Pure. */
export function stepUtterance(before: Utterance, probability: number): UtteranceStep {
  const speaking = before.speaking ? probability >= SILENCE_BELOW : probability >= SPEECH_FROM;
  const heardMs = before.heardMs + VOICE_WINDOW_MS;
  const utterance: Utterance = {
    patienceMs: before.patienceMs,
    waitMs: before.waitMs,
    heardMs,
    speechMs: before.speechMs + (speaking ? VOICE_WINDOW_MS : 0),
    speaking,
    voiceEndedMs: speaking ? heardMs : before.voiceEndedMs,
  };
  return { utterance, ended: endOf(utterance) };
}

function endOf(utterance: Utterance): UtteranceEnd | null {
  const { heardMs, speaking, voiceEndedMs, patienceMs, waitMs } = utterance;
  if (spoke(utterance)) {
    if (!speaking && heardMs - voiceEndedMs >= waitMs) return "silence";
    return heardMs >= patienceMs + LONGEST_AFTER_PATIENCE_MS ? "too-long" : null;
  }
  if (speaking) return null;
  return heardMs >= patienceMs ? "nobody" : null;
}
