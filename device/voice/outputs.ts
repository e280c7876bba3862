import type { Sentence } from "./say.ts";
import type { Answers, Dialog, DialogOutput, DialogStep, Order, Question, Undo } from "./states.ts";

const UNDO_MS = 10_000;
const PATIENCE_MS = 5_000;
/** Ends a question of which nothing comes back at all: by then it was spoken, and waited for. */
const ANSWER_MS = 20_000;

export const quiet: Dialog = { question: null, undo: null, wish: null, pin: null, recent: null };

export function saying(sentence: Sentence): readonly DialogOutput[] {
  return [{ type: "say", sentence }];
}

/** What is wanted is not done: heard at once, and the same whoever it is about; then why. */
export function refusing(sentence: Sentence): readonly DialogOutput[] {
  return [{ type: "earcon", earcon: "refused" }, ...saying(sentence)];
}

export function ordering(...orders: readonly Order[]): readonly DialogOutput[] {
  return orders.map((order) => ({ type: "do", order }));
}

/** Asks, or listens once more where the sentence is null. */
export function ask(dialog: Dialog, question: Question, sentence: Sentence | null, answers?: Answers): DialogStep {
  return [
    { ...dialog, question },
    [
      ...(sentence === null ? [] : saying(sentence)),
      { type: "listen", patienceMs: PATIENCE_MS, ...(answers && { answers }) },
      { type: "start-timer", timer: "answer", afterMs: ANSWER_MS },
    ],
  ];
}

/** Done at once, read back, and a short press undoes it. */
export function tighten(dialog: Dialog, undo: Undo, orders: readonly Order[], sentence: Sentence): DialogStep {
  return [
    { ...dialog, undo },
    [...ordering(...orders), ...saying(sentence), { type: "start-timer", timer: "undo", afterMs: UNDO_MS }],
  ];
}

/** An earlier undo is forgotten: it would loosen once more, and what it spoke of may be decided anew meanwhile. */
export function loosen(dialog: Dialog, orders: readonly Order[], sentence: Sentence): DialogStep {
  const stop: readonly DialogOutput[] = dialog.undo === null ? [] : [{ type: "stop-timer", timer: "undo" }];
  return [{ ...dialog, undo: null }, [...ordering(...orders), ...stop, ...saying(sentence)]];
}
