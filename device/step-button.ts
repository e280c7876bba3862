import type { ButtonChange } from "#hal/hal.ts";
import type { Effect } from "./events.ts";
import { asOwner, whoseDialog } from "./house.ts";
import type { Context, State } from "./state.ts";
import { lineStep, type Step } from "./step-call.ts";
import { interrupt } from "./step-messages.ts";
import { converse } from "./step-voice.ts";
import { DIGIT_MS, isBegun } from "./voice/pin.ts";
import type { PinEntry } from "./voice/states.ts";

/** A hold is longer than any press. */
const HELD_TIMER: Effect = { type: "start-dialog-timer", name: "held", afterMs: 800 };
/** A pause is one in which the button is up. */
const DIGIT_TIMER: Effect = { type: "start-dialog-timer", name: "digit", afterMs: DIGIT_MS };
const DIGIT_STOPS: Effect = { type: "stop-dialog-timer", name: "digit" };

/**
 * A short press answers what rings; else it silences what plays, undoes or cancels what was just said, or hangs up.
 * Once the first press of a PIN was made the others are of it, too, whoever may ring meanwhile.
 */
export function onButton(state: State, change: ButtonChange, context: Context): Step {
  const { wish, pin } = whoseDialog(state).dialog;
  switch (change.type) {
    case "down":
      return [
        { ...state, buttonDown: true },
        wish === null ? [] : [HELD_TIMER, ...(pin === null ? [] : [DIGIT_STOPS])],
      ];
    case "up":
      return [
        { ...state, buttonDown: false, heldThrough: false },
        wish === null ? [] : [{ type: "stop-dialog-timer", name: "held" }, ...(isMidDigit(pin) ? [DIGIT_TIMER] : [])],
      ];
    case "press":
      if (state.call.at === "ringing" && !isBegun(pin)) return lineStep(state, { type: "answered" });
      return onPress(state, context);
  }
}

function isMidDigit(pin: PinEntry | null): boolean {
  return pin?.at === "entering" && pin.presses > 0;
}

function onPress(state: State, context: Context): Step {
  const { inbox, recorder } = state;
  const { dialog, resident } = whoseDialog(state);
  const [silent, effects] = interrupt(state, context);
  // Whoever ends a recording does not mean what was said before it.
  if (recorder.current === null && (dialog.undo || dialog.question || dialog.wish)) {
    const [next, more] = asOwner(silent, resident, (theirs) =>
      converse(theirs, { type: "pressed" }, "button", context),
    );
    return [next, [...effects, ...more]];
  }
  const isSounding = inbox.at === "playing" || inbox.at === "between" || recorder.current || recorder.playing;
  return isSounding ? [silent, effects] : lineStep(silent, { type: "hung-up" });
}
