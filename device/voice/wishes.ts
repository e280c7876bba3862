import type { Person } from "../gate/book.ts";
import { saying } from "./outputs.ts";
import { HOLD_MS, nothingEntered } from "./pin.ts";
import { isPersonBlocked } from "./resolve.ts";
import * as say from "./say.ts";
import type { Dialog, DialogStep, Known, NamedAct, Wish } from "./states.ts";

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
export function wishFor(dialog: Dialog, act: NamedAct, person: Person, now: Known): DialogStep {
  return wish(dialog, { act, person: person.id }, (how) => say.toDoThat(how, act, person.name), now);
}

/** `sentenceFor`: what the owner has to do for it. */
export function wish(
  dialog: Dialog,
  wanted: Wish,
  sentenceFor: (how: say.SecondFactor) => say.Sentence,
  { pin }: Known,
): DialogStep {
  const wishing: Dialog = { ...dialog, wish: wanted, pin: pin.at === "none" ? null : nothingEntered };
  const wait = { type: "start-timer", timer: "hold", afterMs: HOLD_MS } as const;
  switch (pin.at) {
    case "none":
      return [wishing, [...saying(sentenceFor("hold the button")), wait]];
    case "open":
      return [wishing, [...saying(sentenceFor("press your PIN")), wait]];
    case "resting":
      return [dialog, saying(say.pinRests(pin.leftMs))];
    case "unreadable":
      return [dialog, saying(say.pinUnreadable())];
  }
}
