/**
 * When a recording ends, and what of it stays: decided from the voice detector's windows alone. Times are milliseconds
 * of sound since recording began.
 */

/** How much sound one probability of the voice detector stands for. */
export const VOICE_WINDOW_MS = 32;
/** From here on a window is speech; below the second it is silence; between them it is what the last one was. */
const SPEECH_FROM = 0.5;
const SILENCE_BELOW = 0.35;
/** Less speech than this is a cough. */
const LEAST_SPEECH_MS = 96;
/** So long nobody may speak at first, and later. */
const PATIENCE_MS = 5_000;
const SILENCE_ENDS_MS = 2_500;
/** A word stands alone if so much silence is on both sides of it. */
const PAUSE_MS = 400;
/** "Stop" is no longer, however it is drawn out. */
const LONGEST_WORD_MS = 1_000;
/** What stays before the first word, and behind the last one. */
const LEAD_MS = 300;
const TAIL_MS = 300;
/** The wake word, and the time until it is known for one. */
const WAKE_WORD_MS = 1_200;

/** A stretch of speech, with no pause in it. */
type Stretch = Readonly<{ fromMs: number; untilMs: number; speechMs: number }>;

export type Recorded = Readonly<{
  maxMs: number;
  heardMs: number;
  speaking: boolean;
  /** The first word. */
  startedMs: number | null;
  /** Where the speech before the last stretch ended. */
  beforeMs: number;
  last: Stretch | null;
  /** What is known of the last stretch: is it "stop" alone? `asked`: somebody is finding out. */
  word: "open" | "asked" | "other";
}>;

/** What lies between the two stays. */
export type Span = Readonly<{ fromMs: number; untilMs: number }>;
export type RecordedStep = Readonly<{
  recorded: Recorded;
  /** Is this the word alone? */
  ask: Span | null;
  ended: "silence" | "limit" | "nothing" | null;
}>;

export function startRecorded(maxMs: number): Recorded {
  return { maxMs, heardMs: 0, speaking: false, startedMs: null, beforeMs: 0, last: null, word: "open" };
}

/** One more window of sound, with the probability (0 to 1) that it holds speech. Pure. */
export function stepRecorded(before: Recorded, probability: number): RecordedStep {
  const speaking = before.speaking ? probability >= SILENCE_BELOW : probability >= SPEECH_FROM;
  const heardMs = before.heardMs + VOICE_WINDOW_MS;
  const spoken = speaking ? speakOn(before, heardMs) : before;
  const recorded: Recorded = { ...spoken, heardMs, speaking };
  const ask = wordIn(recorded);
  return { recorded: ask === null ? recorded : { ...recorded, word: "asked" }, ask, ended: endOf(recorded) };
}

/** The word was looked at. */
export function answerWord(recorded: Recorded): Recorded {
  return recorded.word === "asked" ? { ...recorded, word: "other" } : recorded;
}

/** Everything that stays if it ends now by itself, or because somebody asked. */
export function wholeOf(recorded: Recorded): Span {
  const { last, heardMs } = recorded;
  return spanUntil(recorded, last === null ? 0 : Math.min(heardMs, last.untilMs + TAIL_MS));
}

/** What stays if the last stretch was the word "stop", or the wake word: what was said before it. */
export function withoutWord(recorded: Recorded): Span {
  return spanUntil(recorded, recorded.beforeMs === 0 ? 0 : recorded.beforeMs + TAIL_MS);
}

/** What stays if the wake word has just been heard: it may have followed in one breath. */
export function withoutWakeWord(recorded: Recorded): Span {
  const { last, heardMs } = recorded;
  if (last === null || last.fromMs >= heardMs - WAKE_WORD_MS - TAIL_MS) return withoutWord(recorded);
  return spanUntil(recorded, Math.min(heardMs - WAKE_WORD_MS, last.untilMs + TAIL_MS));
}

/** What stays however it ends, so that it need not be held back any longer. */
export function sureOf(recorded: Recorded): Span {
  const { last, heardMs, word } = recorded;
  if (last === null) return spanUntil(recorded, 0);
  const open = word !== "other" && last.untilMs - last.fromMs <= LONGEST_WORD_MS;
  const sureMs = open ? withoutWord(recorded).untilMs : last.untilMs + TAIL_MS;
  return spanUntil(recorded, Math.min(sureMs, heardMs - WAKE_WORD_MS - TAIL_MS));
}

function spanUntil({ startedMs, maxMs }: Recorded, untilMs: number): Span {
  const fromMs = Math.max(0, (startedMs ?? 0) - LEAD_MS);
  return { fromMs, untilMs: Math.max(fromMs, Math.min(untilMs, fromMs + maxMs)) };
}

function speakOn(before: Recorded, heardMs: number): Recorded {
  const { last } = before;
  const fromMs = heardMs - VOICE_WINDOW_MS;
  if (last !== null && fromMs - last.untilMs < PAUSE_MS)
    return { ...before, ...startIf(before, last.fromMs, last.speechMs), last: grow(last, heardMs) };
  // A cough is no speech that anything could come after.
  const spoke = last !== null && last.speechMs >= LEAST_SPEECH_MS;
  return {
    ...before,
    beforeMs: spoke ? last.untilMs : before.beforeMs,
    last: { fromMs, untilMs: heardMs, speechMs: VOICE_WINDOW_MS },
    word: "open",
  };
}

function startIf({ startedMs }: Recorded, fromMs: number, speechMs: number): { startedMs: number | null } {
  return { startedMs: startedMs ?? (speechMs + VOICE_WINDOW_MS >= LEAST_SPEECH_MS ? fromMs : null) };
}

function grow(stretch: Stretch, untilMs: number): Stretch {
  return { ...stretch, untilMs, speechMs: stretch.speechMs + VOICE_WINDOW_MS };
}

function wordIn({ last, heardMs, speaking, word }: Recorded): Span | null {
  if (last === null || speaking || word !== "open" || heardMs - last.untilMs < PAUSE_MS) return null;
  if (last.speechMs < LEAST_SPEECH_MS || last.untilMs - last.fromMs > LONGEST_WORD_MS) return null;
  return { fromMs: Math.max(0, last.fromMs - LEAD_MS), untilMs: heardMs };
}

function endOf(recorded: Recorded): RecordedStep["ended"] {
  const { last, heardMs, startedMs, speaking, maxMs } = recorded;
  if (startedMs === null) return !speaking && heardMs >= PATIENCE_MS ? "nothing" : null;
  if (heardMs - Math.max(0, startedMs - LEAD_MS) >= maxMs) return "limit";
  return !speaking && heardMs - (last?.untilMs ?? 0) >= SILENCE_ENDS_MS ? "silence" : null;
}
