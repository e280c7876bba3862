import type { Person } from "../gate/book.ts";
import { isPersonBlocked, personWith } from "./resolve.ts";
import * as say from "./say.ts";
import type { Known, NamedAct } from "./states.ts";

/** Why it cannot be done with anybody now. */
export function refusalOfAny(act: NamedAct, now: Known): say.Sentence | null {
  switch (act) {
    case "call":
      if (now.book.calling === "off") return say.callingIsOff();
      return now.call.at === "idle" ? null : say.alreadyInCall();
    case "message":
      if (now.call.at !== "idle") return say.alreadyInCall();
      return now.draftsFull ? say.tooManyDrafts() : null;
    case "messages-from":
      if (now.book.calling === "off") return say.messagesAreOff();
      return now.call.at === "idle" ? null : say.alreadyInCall();
    case "block":
    case "unblock":
    case "delete-all":
    case "delete-person":
    case "rename":
    case "allow":
    case "allow-message":
    case "message-only":
    case "is-blocked":
    case "quiet-but":
      return null;
  }
}

/** Why it cannot be done with this person. */
export function refusalOf(act: NamedAct, person: Person, now: Known): say.Sentence | null {
  const isBlocked = isPersonBlocked(person, now.book);
  switch (act) {
    case "call":
      if (isBlocked) return say.unblockFirst(person.name);
      return person.accounts.length > 0 ? null : say.cannotCall(person.name);
    case "message":
      if (isBlocked) return say.unblockFirst(person.name);
      // An account that another has too might be the other's.
      return personWith(person.accounts[0] ?? "", now.book) === person ? null : say.cannotMessage(person.name);
    case "messages-from":
    case "delete-all":
    case "quiet-but":
    case "rename":
    case "allow":
    case "allow-message":
    case "message-only":
      return isBlocked ? say.unblockFirst(person.name) : null;
    case "block":
      return isBlocked ? say.alreadyBlocked(person.name) : null;
    case "unblock":
    case "delete-person":
    case "is-blocked":
      return null;
  }
}
