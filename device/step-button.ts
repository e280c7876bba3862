import type { ButtonChange } from "#hal/hal.ts";
import type { Effect } from "./events.ts";
import { asOwner, whoseDialog } from "./house.ts";
import type { Context, State } from "./state.ts";
import { lineStep, type Step } from "./step-call.ts";
import { interrupt } from "./step-messages.ts";
import { converse } from "./step-voice.ts";

/** A hold is longer than any press. */
const HELD_TIMER: Effect = { type: "start-dialog-timer", name: "held", afterMs: 800 };

/** A short press answers what rings; else it silences what plays, undoes or cancels what was just said, or hangs up. */
export function onButton(state: State, change: ButtonChange, context: Context): Step {
  switch (change.type) {
    case "down":
      return [{ ...state, buttonDown: true }, isWishing(state) ? [HELD_TIMER] : []];
    case "up":
      return [
        { ...state, buttonDown: false, heldThrough: false },
        isWishing(state) ? [{ type: "stop-dialog-timer", name: "held" }] : [],
      ];
    case "press":
      if (state.call.at === "ringing") return lineStep(state, { type: "answered" });
      return onPress(state, context);
  }
}

function isWishing(state: State): boolean {
  return whoseDialog(state).dialog.wish !== null;
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
