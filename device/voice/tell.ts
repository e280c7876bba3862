import type { AccountId } from "../gate/book.ts";
import { ordering, saying } from "./outputs.ts";
import { isAccountBlocked, isPersonBlocked, personWith } from "./resolve.ts";
import * as say from "./say.ts";
import type { Dialog, DialogStep, Known } from "./states.ts";

/** Who was blocked since is left out: a blocked name is not spoken unless asked for by name. */
export function whoCalled(dialog: Dialog, now: Known): DialogStep {
  const shown = [...new Set(now.missed)].filter((account) => !isAccountBlocked(account, now.book));
  const heard = now.missed.length > 0 ? ordering({ type: "mark-heard" }) : [];
  if (shown.length > 0) {
    const names = new Set(shown.map((account) => nameOf(account, now)));
    return [dialog, [...heard, ...saying(say.called([...names]))]];
  }
  const last = now.lastCaller;
  const isTold = last !== null && !isAccountBlocked(last, now.book);
  return [dialog, [...heard, ...saying(isTold ? say.lastCallWas(nameOf(last, now)) : say.nobodyCalled())]];
}

export function whoIsIt(dialog: Dialog, now: Known): DialogStep {
  switch (now.call.at) {
    case "idle":
    case "elsewhere":
      return [dialog, saying(say.nobodyIsCalling())];
    case "calling":
      return [dialog, saying(say.calling(nameOf(now.call.peer, now) ?? ""))];
    case "ringing":
      return [dialog, saying(say.isCalling(nameOf(now.call.peer, now)))];
    case "talking":
      return [dialog, saying(say.talkingTo(nameOf(now.call.peer, now)))];
  }
}

/** Who is blocked is not among them. */
export function whoIsThere(dialog: Dialog, { book }: Known): DialogStep {
  const names = book.people.filter((person) => !isPersonBlocked(person, book)).map(({ name }) => name);
  return [dialog, saying(names.length === 0 ? say.nobodyThere() : say.peopleThere(names))];
}

export function whoDropsIn(dialog: Dialog, { book }: Known): DialogStep {
  const may = book.people.filter((person) => person.grants.includes("drop-in") && !isPersonBlocked(person, book));
  return [dialog, saying(may.length === 0 ? say.nobodyDropsIn() : say.mayDropIn(may.map(({ name }) => name)))];
}

/** Only where the button is held: it speaks names that are spoken at no other time. */
export function whoIsBlocked(dialog: Dialog, { book }: Known): DialogStep {
  const names = book.people.filter((person) => isPersonBlocked(person, book)).map(({ name }) => name);
  const others = book.blocks.filter((block) => !("person" in block)).length;
  return [dialog, saying(say.areBlocked(names, others))];
}

function nameOf(account: AccountId, now: Known): string | null {
  return personWith(account, now.book)?.name ?? null;
}
