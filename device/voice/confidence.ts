import type { Hearing } from "./acts.ts";
import { type Intent, parse } from "./intent.ts";
import type { Dialog, DialogInput, Situation } from "./states.ts";

/**
 * How sure the ears must be: `score` as `heard` reports it. Judged by a network that had heard none of these: of 389 commands
 * in eight synthetic voices, with 200 people in the book, 97 of 100 were heard right and got to `accept`, in a kitchen's
 * noise of 12 dB 89.7; of 212 other utterances one, in noise two. Nobody was named at or above `sure` who was not meant,
 * nor would have been at -0.7. To be set anew on real voices.
 */
export const CONFIDENCE: Readonly<{ fitting: number; accept: number; sure: number }> = {
  /** Enough for what only makes sense now: an answer while it rings, a hang-up during a call, a no to a question. */
  fitting: -1.8,
  /** Below this nothing else was understood. */
  accept: -1.4,
  /** Below this a call, and an unblocking, is read back and waits for a yes. */
  sure: -0.5,
};

/** Where another name fits nearly as well, whoever was named is read back. */
const CLEAR_NATS = 8;

export type Heard = Extract<DialogInput, { type: "heard" }>;

/** Written so that a score that is no number is not understood. */
export function understood(heard: Heard, dialog: Dialog, now: Situation): Intent | null {
  const intent = heard.text === null ? null : parse(heard.text);
  if (intent === null) return null;
  return heard.score >= (isFitting(intent, dialog, now) ? CONFIDENCE.fitting : CONFIDENCE.accept) ? intent : null;
}

/** Does what goes on now ask for just this? Other speech is unlikely to, so less will do; but not for a yes. */
function isFitting(
  { type }: Intent,
  { question }: Dialog,
  { call, isListening, message, recording }: Situation,
): boolean {
  switch (type) {
    case "next":
      return isListening;
    case "repeat":
    case "delete":
    case "reply":
    case "save":
      return message !== null;
    case "stop":
      return isListening || recording || question?.act === "send";
    case "again":
    case "send":
    case "play-it":
    case "discard":
      return question?.act === "send";
    case "no":
    case "cancel":
      return question !== null;
    case "answer":
    case "ignore":
    case "block-caller":
    case "who-is-it":
      return call.at === "ringing";
    case "hang-up":
      return call.at !== "idle";
    default:
      return false;
  }
}

/** With a PIN the button that is held while somebody speaks says nothing. */
export function hearingOf(heard: Heard, { pin: { at } }: Situation): Hearing {
  const { score, buttonHeld, alike = [], nameMargin = null } = heard;
  return {
    sure: score >= CONFIDENCE.sure && (nameMargin === null || nameMargin >= CLEAR_NATS),
    buttonHeld: buttonHeld && at === "none",
    alike,
  };
}
