import type { Person } from "../gate/book.ts";
import { saying } from "./outputs.ts";
import { isPersonBlocked } from "./resolve.ts";
import * as say from "./say.ts";
import type { Dialog, DialogStep, Known, NamedAct, Wish } from "./states.ts";

/** So long the button may be held after it was asked for. */
const HOLD_MS = 10_000;

/**
 * Does it let somebody do more than before, tell who is blocked, or take from the owner what they may need against
 * somebody? A voice alone may be a visitor's, or a television's.
 */
export function isLoosening(act: NamedAct, person: Person, { book }: Known): boolean {
  switch (act) {
    case "unblock":
    case "allow":
    case "allow-message":
    case "is-blocked":
      return true;
    case "delete-person":
      return isPersonBlocked(person, book);
    case "call":
    case "block":
    case "message":
    case "messages-from":
    case "delete-all":
    case "rename":
    case "message-only":
    case "quiet-but":
      return false;
  }
}

/** Waits for the button. The name was said by whoever asks. */
export function wishFor(dialog: Dialog, act: NamedAct, person: Person): DialogStep {
  return wish(dialog, { act, person: person.id }, say.holdToDo(act, person.name));
}

export function wish(dialog: Dialog, wanted: Wish, sentence: say.Sentence): DialogStep {
  return [{ ...dialog, wish: wanted }, [...saying(sentence), { type: "start-timer", timer: "hold", afterMs: HOLD_MS }]];
}
