import { saying } from "./outputs.ts";
import { PIN_DIGITS } from "./pin-rules.ts";
import * as say from "./say.ts";
import type { Dialog, DialogInput, DialogOutput, DialogStep, PinEntry, Wish } from "./states.ts";

/** A nought: so many presses, as the dial of an old telephone had it. */
const MOST_PRESSES = 10;
/** A pause that ends a digit. */
export const DIGIT_MS = 1_000;
/** So long nothing need come before all is dropped. */
export const HOLD_MS = 10_000;
const MAX_WRONG = 3;
/** Nobody stands by the button for longer: a PIN that has to wait more ends the request. */
const PATIENCE_MS = 10_000;

/** Nothing was pressed yet. */
export const nothingEntered: PinEntry = { at: "entering", digits: "", presses: 0, wrong: 0 };

type Entering = Extract<PinEntry, { at: "entering" }>;
type Checked = Extract<DialogInput, { type: "pin-checked" }>;

/** Do presses belong to it by now, whatever else rings? Before the first they still answer a call. */
export function isBegun(entry: PinEntry | null): boolean {
  return entry !== null && (entry.at !== "entering" || entry.wrong > 0 || entry.digits !== "" || entry.presses > 0);
}

/** One press counts one; what cannot be a PIN any more is forgotten, and is no try. */
export function onPress(dialog: Dialog, entry: PinEntry): DialogStep {
  if (entry.at !== "entering") return [dialog, [{ type: "earcon", earcon: "refused" }]];
  if (entry.presses === MOST_PRESSES) return startOver(dialog, entry);
  const pin: Entering = { ...entry, presses: entry.presses + 1 };
  return [{ ...dialog, pin }, [{ type: "earcon", earcon: "click" }, STARTED.digit, STARTED.hold]];
}

/** A pause: the digit is over. */
export function onPause(dialog: Dialog, entry: PinEntry): DialogStep {
  if (entry.at !== "entering" || entry.presses === 0) return [dialog, []];
  const digits = digitsOf(entry);
  if (digits.length > PIN_DIGITS.most) return startOver(dialog, entry);
  return [{ ...dialog, pin: { ...entry, digits, presses: 0 } }, [{ type: "earcon", earcon: "done" }]];
}

/** The button is held: that was all of it. */
export function onHeld(dialog: Dialog, entry: PinEntry, wish: Wish): DialogStep {
  if (entry.at !== "entering") return [dialog, []];
  const digits = digitsOf(entry);
  if (digits.length < PIN_DIGITS.least || digits.length > PIN_DIGITS.most) return startOver(dialog, entry);
  const pin: PinEntry = { at: "checking", wrong: entry.wrong };
  return [{ ...dialog, pin }, [STOPPED.digit, { type: "check-pin", digits, wish }, STARTED.hold]];
}

/** It was not the PIN: once more, when that may be; or that was it, and what was asked for is not done. */
export function onWrong(dialog: Dialog, entry: PinEntry, { restMs }: Checked): DialogStep {
  const wrong = entry.wrong + 1;
  const refused: DialogOutput = { type: "earcon", earcon: "refused" };
  if (restMs === null) return [withoutWish(dialog), [STOPPED.hold, refused, ...saying(say.pinUnreadable())]];
  if (wrong >= MAX_WRONG || restMs > PATIENCE_MS) {
    return [withoutWish(dialog), [STOPPED.hold, refused, ...saying(say.pinWrongLast(restMs))]];
  }
  return [
    { ...dialog, pin: { at: "resting", wrong } },
    [
      STOPPED.hold,
      refused,
      ...saying(say.pinWrong()),
      { type: "start-timer", timer: "pin-rest", afterMs: Math.max(restMs, 1) },
    ],
  ];
}

/** It may be entered anew. */
export function onRested(dialog: Dialog, entry: PinEntry): DialogStep {
  if (entry.at !== "resting") return [dialog, []];
  const pin: PinEntry = { ...nothingEntered, wrong: entry.wrong };
  return [{ ...dialog, pin }, [{ type: "earcon", earcon: "done" }, STARTED.hold]];
}

/** What was wished is not done. */
export function withoutWish(dialog: Dialog): Dialog {
  return { ...dialog, wish: null, pin: null };
}

/** The timers of a wish, and of its PIN. */
export function stopWishing({ wish, pin }: Dialog): readonly DialogOutput[] {
  if (wish === null) return [];
  return pin === null ? [STOPPED.hold] : [STOPPED.hold, STOPPED.digit, STOPPED.rest];
}

/** Nothing came for too long. */
export function timeIsUp(entry: PinEntry | null): readonly DialogOutput[] {
  if (entry === null) return [];
  const refused: readonly DialogOutput[] = isBegun(entry) ? [{ type: "earcon", earcon: "refused" }] : [];
  return [STOPPED.digit, STOPPED.rest, ...refused];
}

function startOver(dialog: Dialog, { wrong }: Entering): DialogStep {
  const pin: PinEntry = { ...nothingEntered, wrong };
  return [{ ...dialog, pin }, [STOPPED.digit, { type: "earcon", earcon: "refused" }, STARTED.hold]];
}

function digitsOf({ digits, presses }: Entering): string {
  return presses === 0 ? digits : `${digits}${presses % MOST_PRESSES}`;
}

const STARTED = {
  digit: { type: "start-timer", timer: "digit", afterMs: DIGIT_MS },
  hold: { type: "start-timer", timer: "hold", afterMs: HOLD_MS },
} as const satisfies Record<string, DialogOutput>;
const STOPPED = {
  hold: { type: "stop-timer", timer: "hold" },
  digit: { type: "stop-timer", timer: "digit" },
  rest: { type: "stop-timer", timer: "pin-rest" },
} as const satisfies Record<string, DialogOutput>;
