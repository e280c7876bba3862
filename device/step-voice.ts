import type { Report } from "#audio/protocol.ts";
import { changeFor } from "./book-orders.ts";
import type { By, Effect, OwnEffect } from "./events.ts";
import type { AccountId, Book } from "./gate/book.ts";
import { localTime } from "./gate/hours.ts";
import { lookup } from "./gate/lookup.ts";
import { alone, asOwner, isElsewhere } from "./house.ts";
import { hasRoom } from "./inbox/recorder.ts";
import { readNumber } from "./number.ts";
import { type Context, FIRST, type ResidentId, ringingNow, type State, spokenTo } from "./state.ts";
import { lineStep, type Step } from "./step-call.ts";
import { obeyOnMessages } from "./step-inbox.ts";
import { tellChanges, tellWhy } from "./tell-journal.ts";
import { step as stepDialog } from "./voice/dialog.ts";
import { parse } from "./voice/intent.ts";
import { isPersonBlocked } from "./voice/resolve.ts";
import { bookRestored, bookUnreadable, calling, cannotCallNumber, loosened } from "./voice/say.ts";
import type { DialogInput, DialogOutput, Order, Situation } from "./voice/states.ts";

type Heard = Extract<Report, { type: "heard" }>;

/** The end of one utterance: words to an intent to orders, which then take the same way as a button's. */
export function hear(state: State, heard: Heard, context: Context): Step {
  const { heldThrough, whenSpoken } = state;
  const now: State = { ...state, heldThrough: false, whenSpoken: null };
  const ringing = ringingNow(now);
  // Somebody else rings than when the owner began to speak: what was said was not meant for them.
  if (whenSpoken && ringing !== null && ringing !== whenSpoken.ringing) return lineStep(now, { type: "announce" });
  const { text, score, spoke, alike, nameMargin } = heard;
  const input: DialogInput = { type: "heard", text, score, spoke, buttonHeld: heldThrough, alike, nameMargin };
  const { rang } = whenSpoken ?? now;
  const of = whoseOrder({ ...now, rang }, text);
  if (of !== FIRST) {
    return asOwner(now, of, (theirs) => obeyMeaning(theirs, input, rang?.of === of ? rang.peer : null, context));
  }
  if (now.book === null) return [now, spoke ? [{ type: "say", sentence: bookUnreadable() }] : []];
  const told: Effect[] = isLoosenedTold(now, spoke) ? tellLoosened(now.loosened) : [];
  const asked: State = told.length > 0 ? { ...now, loosened: 0 } : now;
  const [next, caused] = obeyMeaning(asked, input, whenSpoken?.lastCaller ?? null, context);
  // What was asked for comes first; but behind a question there is to be silence for the answer.
  const isAsking = caused.some(({ type }) => type === "listen");
  const effects = isAsking ? [...told, ...caused] : [...caused, ...told];
  if (!spoke || !now.restored || now.call.at !== "idle") return [next, effects];
  return [{ ...next, restored: false }, [{ type: "say", sentence: bookRestored() }, ...effects]];
}

/** Told, it is forgotten. */
function tellLoosened(count: number): Effect[] {
  return [
    { type: "say", sentence: loosened(count) },
    { type: "keep-loosened", count: 0 },
  ];
}

/** Not into a call: whoever is at its other end would hear it. */
function isLoosenedTold({ loosened: count, call }: State, spoke: boolean): boolean {
  return spoke && count > 0 && call.at === "idle";
}

/**
 * Nobody is told from another by voice: what is said is the first owner's order, but for what is about the call itself.
 * That is for whom the call is, or was.
 */
function whoseOrder({ call, lineOf, rang, dialog }: State, text: string | null): ResidentId {
  const type = text === null ? undefined : parse(text)?.type;
  switch (type) {
    case "answer":
    case "ignore":
    case "hang-up":
    case "who-is-it":
      return call.at === "idle" ? FIRST : lineOf;
    case "cancel":
      return call.at === "calling" && dialog.question === null ? lineOf : FIRST;
    case "block-caller":
      return call.at === "idle" || call.at === "calling" ? (rang?.of ?? FIRST) : lineOf;
    default:
      return FIRST;
  }
}

/** `caller`: who is meant by "that caller", whoever has called since. */
function obeyMeaning(state: State, input: DialogInput, caller: AccountId | null, context: Context): Step {
  const { lastCaller } = state;
  const meant = caller ?? lastCaller;
  const [next, effects] = converse({ ...state, lastCaller: meant }, input, "voice", context);
  return [next.lastCaller === meant ? { ...next, lastCaller } : next, effects];
}

export function converse(state: State, input: DialogInput, by: By, context: Context): Step {
  const [dialog, outputs] = stepDialog(state.dialog, input, situationOf(state, context));
  return obey(alone({ ...state, dialog }), outputs, by, context);
}

function situationOf(state: State, context: Context): Situation {
  const { resident, book, call, lastCaller, inbox, recorder, unanswered } = state;
  const { atMs } = context.now(resident);
  const isListening = state.listener.of === resident && inbox.at !== "idle";
  return {
    book,
    call: isElsewhere(state) ? { at: "elsewhere" } : callFor(call),
    lastCaller,
    missed: context.unheard(resident),
    isListening,
    message: isListening ? inbox.current : null,
    recording: resident === FIRST && (recorder.current !== null || recorder.due),
    draft: (resident === FIRST && recorder.drafts.at(-1)) || null,
    draftsFull: !hasRoom(recorder),
    unanswered,
    lastCalled: state.lastCalled,
    atMs,
    minuteOfDay: localTime(book?.timeZone ?? "UTC", atMs)?.minute ?? 0,
    voice: state.voice,
    pin: context.pin(resident),
  };
}

function callFor(call: State["call"]): Situation["call"] {
  switch (call.at) {
    case "idle":
      return call;
    case "calling":
      return { at: "calling", peer: call.peer };
    case "ringing":
      return { at: "ringing", peer: call.incoming.peer };
    case "answering":
    case "joining":
    case "talking":
      return { at: "talking", peer: call.peer };
  }
}

/** Carries out what the dialog wants, in its order. What follows a change of the book waits until it is durable. */
export function obey(state: State, outputs: readonly DialogOutput[], by: By, context: Context): Step {
  let next = state;
  const effects: Effect[] = [];
  for (const [at, output] of outputs.entries()) {
    if (output.type !== "do") {
      effects.push(ownEffect(output));
      if (output.type === "listen") next = spokenTo(next);
      continue;
    }
    const change = changeFor(output.order, next.book, context.now(next.resident).atMs);
    if (change) {
      return [next, [...effects, { type: "change-book", change, by, afterwards: outputs.slice(at + 1) }]];
    }
    const [after, caused] = carryOut(next, output.order, context);
    next = after;
    effects.push(...caused);
  }
  return [next, effects];
}

function carryOut(state: State, order: Order, context: Context): Step {
  switch (order.type) {
    case "call": {
      const peer = accountOf(order.person, state.book);
      return [state, peer === undefined ? [] : [{ type: "place", peer }]];
    }
    case "answer":
      return lineStep(state, { type: "answered" });
    case "ignore":
      return lineStep(state, { type: "ignored" });
    case "hang-up":
      return lineStep(state, { type: "hung-up" });
    case "mark-heard":
      return [{ ...state, missed: [] }, [{ type: "mark-heard" }]];
    case "call-number":
      return callNumber(state, order.digits);
    case "set-voice":
      return [{ ...state, voice: order.voice }, [{ type: "set-voice", voice: order.voice, keep: true }]];
    case "tell-changes":
    case "tell-why":
      return [state, [{ type: "say", sentence: tellOf(order.type, state, context) }]];
    case "block":
    case "undo-block":
    case "unblock":
    case "calling-off":
    case "calling-on":
    case "undo-calling-off":
    case "delete-person":
    case "grant":
    case "revoke":
    case "rename":
    case "quiet":
    case "undo-quiet":
    case "quiet-off":
      return [state, []];
    default:
      return obeyOnMessages(state, order, context);
  }
}

/** Only somebody of the book can be reached by their number: whoever has it alone, and is not blocked. */
function callNumber(state: State, digits: string): Step {
  const { book } = state;
  const [key = ""] = book === null ? [] : readNumber(digits, book.region);
  const people = book === null ? [] : lookup(book).withNumber(key);
  const [person] = people;
  const peer = person?.accounts[0];
  if (
    book === null ||
    person === undefined ||
    people.length > 1 ||
    peer === undefined ||
    isPersonBlocked(person, book)
  ) {
    return [state, [{ type: "say", sentence: cannotCallNumber() }]];
  }
  return [
    state,
    [
      { type: "place", peer },
      { type: "say", sentence: calling(person.name) },
    ],
  ];
}

function tellOf(what: "tell-changes" | "tell-why", state: State, context: Context): string {
  const { resident, book } = state;
  const entries = context.journal(resident);
  const { atMs } = context.now(resident);
  return what === "tell-changes" ? tellChanges(entries, atMs) : tellWhy(entries, atMs, book?.timeZone ?? "UTC");
}

function accountOf(person: string, book: Book | null): string | undefined {
  return book?.people.find(({ id }) => id === person)?.accounts[0];
}

function ownEffect(output: Exclude<DialogOutput, { type: "do" }>): OwnEffect {
  switch (output.type) {
    case "say":
    case "listen":
      return output;
    case "check-pin":
      return output;
    case "sorry":
      return { type: "tone", tone: "sorry" };
    case "earcon":
      return { type: "tone", tone: output.earcon };
    case "start-timer":
      return { type: "start-dialog-timer", name: output.timer, afterMs: output.afterMs };
    case "stop-timer":
      return { type: "stop-dialog-timer", name: output.timer };
  }
}
