import type { Hearing } from "./acts.ts";
import { type Intent, parse } from "./intent.ts";
import type { Dialog, DialogInput, Situation } from "./states.ts";

/**
 * How sure the ears must be: `score` as `heard` reports it. Of 567 commands in eight synthetic voices, a third of them in
 * a kitchen's noise, with 200 people in the book, 514 were heard right, of which 98 in 100 (in noise 91) got to
 * -1.2. Of 84 whole sentences that were said to something else none got beyond -2.7; of 150 single words 10 got to -1.2.
 * Nothing that was heard wrong got to -0.4; of 778 others in the bench one wrong call got to -0.45. To be set anew on real
 * voices.
 */
export const CONFIDENCE: Readonly<{ fitting: number; accept: number; sure: number }> = {
  /** Enough for what only makes sense now: an answer while it rings, a hang-up during a call, a no to a question. */
  fitting: -1.8,
  /** Below this nothing else was understood. */
  accept: -1.3,
  /** Below this a call, and an unblocking, is read back and waits for a yes. */
  sure: -0.35,
};

/** Where another name fits nearly as well, whoever was named is read back. */
const CLEAR_NATS = 12;

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
