import type { AccountId, Block, Person } from "../gate/book.ts";
import { blockFor, isAccountBlocked, isPersonBlocked, personWith, resolve, tellApart } from "./resolve.ts";
import * as say from "./say.ts";
import type { Choice, Dialog, DialogOutput, DialogStep, Known, NamedAct, Order, Question } from "./states.ts";

const UNDO_MS = 10_000;
const PATIENCE_MS = 5_000;
/** Ends a question of which nothing comes back at all: by then it was spoken, and waited for. */
const ANSWER_MS = 20_000;
/** More people of one name than this are not gone through one by one. */
const MAX_CHOICES = 4;

/** How an order was heard. `sure`: no need to read it back. `buttonHeld`: all through the utterance. */
export type Hearing = Readonly<{ sure: boolean; buttonHeld: boolean }>;

/** Something to be done with whoever is called `name`: done, asked about, or refused; never to a guessed person. */
export function pursue(dialog: Dialog, act: NamedAct, name: string, hearing: Hearing, now: Known): DialogStep {
  const refusal = refusalOfAny(act, hearing, now);
  if (refusal !== null) return [dialog, saying(refusal)];
  const meant = resolve(name, now.book);
  switch (meant.found) {
    case "none":
      return [dialog, saying(say.unknownName())];
    case "one":
      return pursuePerson(dialog, act, meant.person, hearing, now);
    case "several":
      return chooseOf(dialog, act, meant.people, now);
  }
}

/** Blocks at once, however it was heard: a press undoes it. The rest waits for a yes where it was not surely heard. */
export function pursuePerson(dialog: Dialog, act: NamedAct, person: Person, hearing: Hearing, now: Known): DialogStep {
  const confirm = confirmation(act, hearing);
  if (confirm === null) return perform(dialog, act, person, hearing, now);
  const refusal = refusalOfAny(act, hearing, now) ?? refusalOf(act, person, now);
  if (refusal !== null) return [dialog, saying(refusal)];
  const asked = { person: person.id, name: person.name };
  return ask(dialog, { act, asked, rest: [], repeated: false }, confirm(person.name));
}

/** How to ask first; null where it is done at once. What cannot be taken back is always asked about. */
function confirmation(act: NamedAct, { sure }: Hearing): ((name: string) => say.Sentence) | null {
  switch (act) {
    case "block":
    case "messages-from":
      return null;
    case "delete-all":
      return say.confirmDeleteAll;
    case "call":
      return sure ? null : say.confirmCall;
    case "unblock":
      return sure ? null : say.confirmUnblock;
    case "message":
      return sure ? null : say.confirmMessage;
  }
}

/** Only those come into question with whom it can be done: so no blocked name is read out for a call. */
function chooseOf(dialog: Dialog, act: NamedAct, people: readonly Person[], now: Known): DialogStep {
  const labels = tellApart(people);
  if (labels === null) return [dialog, saying(say.cannotTellApart())];
  const choices = people.flatMap((person, at): Choice[] =>
    isPersonBlocked(person, now.book) === (act === "unblock") ? [{ person: person.id, name: labels[at] ?? "" }] : [],
  );
  const [asked, ...rest] = choices;
  if (asked === undefined) return [dialog, saying(act === "unblock" ? say.noneBlocked() : say.allBlocked())];
  if (choices.length > MAX_CHOICES) return [dialog, saying(say.tooManyAlike())];
  const names = choices.map((choice) => choice.name);
  const sentence = rest.length === 0 ? say.doYouMean(asked.name) : say.doYouMeanOf(names, asked.name);
  return ask(dialog, { act, asked, rest, repeated: false }, sentence);
}

/** Asks, or listens once more where the sentence is null. */
export function ask(dialog: Dialog, question: Question, sentence: say.Sentence | null): DialogStep {
  return [
    { ...dialog, question },
    [
      ...(sentence === null ? [] : saying(sentence)),
      { type: "listen", patienceMs: PATIENCE_MS },
      { type: "start-timer", timer: "answer", afterMs: ANSWER_MS },
    ],
  ];
}

export function perform(dialog: Dialog, act: NamedAct, person: Person, hearing: Hearing, now: Known): DialogStep {
  const refusal = refusalOfAny(act, hearing, now) ?? refusalOf(act, person, now);
  if (refusal !== null) return [dialog, saying(refusal)];
  switch (act) {
    case "call":
      return [dialog, [...ordering({ type: "call", person: person.id }), ...saying(say.calling(person.name))]];
    case "block":
      return block(dialog, { person: person.id }, person, now);
    case "unblock":
      return loosen(dialog, { type: "unblock", person: person.id }, say.unblocked(person.name));
    case "message": {
      const [to] = person.accounts;
      if (to === undefined) return [dialog, saying(say.cannotMessage(person.name))];
      const sentence = now.book.calling === "off" ? say.speakThoughOff : say.speakAfterTone;
      return [dialog, [...saying(sentence(person.name)), ...ordering({ type: "record", person: person.id, to })]];
    }
    case "messages-from":
      return [dialog, ordering({ type: "play-messages", from: person.id })];
    case "delete-all":
      return [dialog, ordering({ type: "delete-all", from: person.id })];
  }
}

/** Why it cannot be done with anybody now. */
function refusalOfAny(act: NamedAct, hearing: Hearing, now: Known): say.Sentence | null {
  switch (act) {
    case "call":
      if (now.book.calling === "off") return say.callingIsOff();
      return now.call.at === "idle" ? null : say.alreadyInCall();
    case "unblock":
      return hearing.buttonHeld ? null : say.holdTheButton();
    case "message":
      if (now.call.at !== "idle") return say.alreadyInCall();
      return now.draftsFull ? say.tooManyDrafts() : null;
    case "messages-from":
      if (now.book.calling === "off") return say.messagesAreOff();
      return now.call.at === "idle" ? null : say.alreadyInCall();
    case "block":
    case "delete-all":
      return null;
  }
}

/** Why it cannot be done with this person. */
function refusalOf(act: NamedAct, person: Person, now: Known): say.Sentence | null {
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
      return isBlocked ? say.unblockFirst(person.name) : null;
    case "unblock":
      return isBlocked ? null : say.notBlocked(person.name);
    case "block":
      return isBlocked ? say.alreadyBlocked(person.name) : null;
  }
}

/** A blocked caller is not named, nor called: nobody asked for them by name. */
export function callBack(dialog: Dialog, hearing: Hearing, now: Known): DialogStep {
  const refusal = refusalOfAny("call", hearing, now);
  if (refusal !== null) return [dialog, saying(refusal)];
  const person = now.lastCaller === null ? null : personWith(now.lastCaller, now.book);
  if (person === null || isPersonBlocked(person, now.book)) return [dialog, saying(say.nobodyToCallBack())];
  return pursuePerson(dialog, "call", person, hearing, now);
}

export function blockCaller(dialog: Dialog, now: Known): DialogStep {
  const { call, book } = now;
  const caller = call.at === "ringing" || call.at === "talking" ? call.peer : now.lastCaller;
  if (caller === null) return [dialog, saying(say.nobodyToBlock())];
  if (isAccountBlocked(caller, book)) return [dialog, saying(say.callerAlreadyBlocked())];
  return block(dialog, blockFor(caller, book), personWith(caller, book), now);
}

function block(dialog: Dialog, wanted: Block, person: Person | null, now: Known): DialogStep {
  const calledNow = now.call.at === "calling" && person !== null && person.accounts.includes(now.call.peer);
  return tighten(
    { ...dialog, undo: { type: "block", block: wanted, name: person?.name ?? null } },
    [...ordering({ type: "block", block: wanted }), ...(calledNow ? ordering({ type: "hang-up" }) : [])],
    person === null ? say.callerBlocked() : say.blocked(person.name),
  );
}

export function callingOff(dialog: Dialog, now: Known): DialogStep {
  if (now.book.calling === "off") return [dialog, saying(say.callingIsOff())];
  return tighten(
    { ...dialog, undo: { type: "calling-off" } },
    [...ordering({ type: "calling-off" }), ...(now.call.at === "calling" ? ordering({ type: "hang-up" }) : [])],
    say.callingIsNowOff(),
  );
}

export function callingOn(dialog: Dialog, hearing: Hearing, now: Known): DialogStep {
  if (now.book.calling === "on") return [dialog, saying(say.callingIsOn())];
  if (!hearing.buttonHeld) return [dialog, saying(say.holdTheButton())];
  return loosen(dialog, { type: "calling-on" }, say.callingIsOn());
}

function tighten(dialog: Dialog, orders: readonly DialogOutput[], sentence: say.Sentence): DialogStep {
  return [dialog, [...orders, ...saying(sentence), { type: "start-timer", timer: "undo", afterMs: UNDO_MS }]];
}

/** An earlier undo is forgotten: it would loosen once more, and what it spoke of may be decided anew meanwhile. */
function loosen(dialog: Dialog, order: Order, sentence: say.Sentence): DialogStep {
  const stop: readonly DialogOutput[] = dialog.undo === null ? [] : [{ type: "stop-timer", timer: "undo" }];
  return [{ ...dialog, undo: null }, [...ordering(order), ...stop, ...saying(sentence)]];
}

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

function nameOf(account: AccountId, now: Known): string | null {
  return personWith(account, now.book)?.name ?? null;
}

export function saying(sentence: say.Sentence): readonly DialogOutput[] {
  return [{ type: "say", sentence }];
}

export function ordering(order: Order): readonly DialogOutput[] {
  return [{ type: "do", order }];
}
