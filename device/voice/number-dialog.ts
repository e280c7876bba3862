import { digitsIn, readBack } from "./dictation.ts";
import { ask, ordering, refusing } from "./outputs.ts";
import type { Intent } from "./phrases.ts";
import { refusalOfAny } from "./refusals.ts";
import * as say from "./say.ts";
import type { Dialog, DialogStep, Known, NumberQuestion } from "./states.ts";
import { wordsOf } from "./words.ts";

/** Asks for the digits, in a state of its own: they would take unusual names for digits. */
export function askForNumber(dialog: Dialog, now: Known): DialogStep {
  const refusal = refusalOfAny("call", now);
  if (refusal !== null) return [dialog, refusing(refusal)];
  return ask(dialog, { act: "number", digits: null, repeated: false }, say.whichNumber(), { type: "number" });
}

/** A number is always read back, and called only after a yes. */
export function askToDial(dialog: Dialog, digits: string, now: Known): DialogStep {
  const refusal = refusalOfAny("call", now);
  if (refusal !== null) return [dialog, refusing(refusal)];
  return ask(dialog, { act: "number", digits, repeated: false }, say.confirmNumber(readBack(digits)));
}

/**
 * What was said to the question; null where it is no answer to it. `answered`: the dialog without the question.
 */
export function answerNumber(
  answered: Dialog,
  question: NumberQuestion,
  { text, intent }: Readonly<{ text: string; intent: Intent | null }>,
  now: Known,
): DialogStep | null {
  const digits = digitsIn(wordsOf(text)) ?? (intent?.type === "call-digits" ? intent.digits : null);
  if (digits !== null) return askToDial(answered, digits, now);
  if (question.digits === null) return null;
  switch (intent?.type) {
    case "yes": {
      const refusal = refusalOfAny("call", now);
      if (refusal !== null) return [answered, refusing(refusal)];
      return [answered, ordering({ type: "call-number", digits: question.digits })];
    }
    case "again":
    case "repeat":
    case "no":
    case "not-that-one":
      return askForNumber(answered, now);
    default:
      return null;
  }
}
