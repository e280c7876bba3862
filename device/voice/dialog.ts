import { type Intent, parse } from "./intent.ts";
import * as orders from "./orders.ts";
import { ask, ordering, saying } from "./orders.ts";
import * as say from "./say.ts";
import type {
  Dialog,
  DialogInput,
  DialogStep,
  DialogTimer,
  Known,
  Order,
  Question,
  Situation,
  Undo,
} from "./states.ts";

/**
 * How sure the ears must be: `score` as `heard` reports it. First values, from three synthetic voices: of 108 calls in
 * a book of 20 names all pass `accept` and 98 pass `sure`; of 60 recorded orders to another device 2 pass `accept` (no
 * call among them) and none passes `sure`. In a room, in one breath with the wake word, good commands go down to -3.4.
 * To be set anew on real voices and noise.
 */
export const CONFIDENCE: Readonly<{ fitting: number; accept: number; sure: number }> = {
  /** Enough for what only makes sense now: an answer while it rings, a hang-up during a call, a yes to a question. */
  fitting: -3.6,
  /** Below this nothing else was understood. */
  accept: -2.5,
  /** Below this a call, and an unblocking, is read back and waits for a yes. */
  sure: -1.8,
};

export const quiet: Dialog = { question: null, undo: null };

type Heard = Extract<DialogInput, { type: "heard" }>;

/**
 * The only place where the dialog changes. Pure: no clock, no I/O, no throw. Tightening (block, calling off) acts at
 * once and a short press undoes it; loosening needs the button held; a call that was not surely heard needs a yes.
 */
export function step(dialog: Dialog, input: DialogInput, now: Situation): DialogStep {
  switch (input.type) {
    case "pressed":
      return press(dialog);
    case "timer":
      return timeUp(dialog, input.timer);
    case "heard":
      return dialog.question === null
        ? whileQuiet(dialog, input, now)
        : whileAsking(dialog, dialog.question, input, now);
  }
}

function press(dialog: Dialog): DialogStep {
  if (dialog.undo === null) return dialog.question === null ? [dialog, []] : cancel(dialog);
  const [order, sentence] = takeBack(dialog.undo);
  return [{ ...dialog, undo: null }, [...ordering(order), { type: "stop-timer", timer: "undo" }, ...saying(sentence)]];
}

function takeBack(undo: Undo): [Order, say.Sentence] {
  switch (undo.type) {
    case "block":
      return [{ type: "undo-block", block: undo.block }, say.blockUndone(undo.name)];
    case "calling-off":
      return [{ type: "undo-calling-off" }, say.callingIsOn()];
  }
}

function timeUp(dialog: Dialog, timer: DialogTimer): DialogStep {
  switch (timer) {
    case "undo":
      return [{ ...dialog, undo: null }, []];
    case "answer":
      return dialog.question === null ? [dialog, []] : cancel(dialog);
  }
}

function whileQuiet(dialog: Dialog, heard: Heard, now: Situation): DialogStep {
  const intent = understood(heard, dialog, now);
  if (intent !== null) return fulfil(dialog, intent, heard, now);
  return [dialog, heard.spoke ? [{ type: "sorry" }] : []];
}

function whileAsking(dialog: Dialog, question: Question, heard: Heard, now: Situation): DialogStep {
  const intent = understood(heard, dialog, now);
  if (intent === null) {
    if (!heard.spoke || question.repeated) return cancel(dialog);
    const [asking, outputs] = ask(dialog, { ...question, repeated: true }, null);
    return [asking, [{ type: "sorry" }, ...outputs]];
  }
  if (intent.type === "cancel") return cancel(dialog);
  if (intent.type === "no") return refuse(dialog, question);
  const answered: Dialog = { ...dialog, question: null };
  if (intent.type === "yes") return stopWaiting(agree(answered, question, heard, now));
  return stopWaiting(fulfil(answered, intent, heard, now));
}

/** Not the one: the next, or nobody. */
function refuse(dialog: Dialog, question: Question): DialogStep {
  const [asked, ...rest] = question.rest;
  if (asked === undefined) return cancel(dialog);
  return ask(dialog, { ...question, asked, rest, repeated: false }, say.doYouMean(asked.name));
}

/** The book may have changed since: the person is looked up again, and whatever speaks against it still does. */
function agree(dialog: Dialog, question: Question, heard: Heard, now: Situation): DialogStep {
  const { book } = now;
  if (book === null) return [dialog, saying(say.bookUnreadable())];
  const person = book.people.find(({ id }) => id === question.asked.person);
  if (person === undefined) return [dialog, saying(say.unknownName())];
  return orders.perform(dialog, question.act, person, hearingOf(heard), { ...now, book });
}

/** A question of which no answer came, or a no. */
function cancel(dialog: Dialog): DialogStep {
  return stopWaiting([{ ...dialog, question: null }, saying(say.cancelled())]);
}

/** The old timer stops before whatever starts a new one. */
function stopWaiting([dialog, outputs]: DialogStep): DialogStep {
  return [dialog, [{ type: "stop-timer", timer: "answer" }, ...outputs]];
}

/** What needs no book works on while the book cannot be read. */
function fulfil(dialog: Dialog, intent: Intent, heard: Heard, now: Situation): DialogStep {
  const { at } = now.call;
  switch (intent.type) {
    case "answer":
    case "ignore":
      return [dialog, at === "ringing" ? ordering({ type: intent.type }) : saying(say.nobodyIsCalling())];
    case "hang-up":
      if (at === "idle") return [dialog, saying(say.noCall())];
      return [dialog, ordering({ type: at === "ringing" ? "ignore" : "hang-up" })];
    case "cancel":
      return [dialog, at === "calling" ? ordering({ type: "hang-up" }) : [{ type: "sorry" }]];
    case "yes":
    case "no":
      return [dialog, [{ type: "sorry" }]];
    case "help":
      return [dialog, saying(say.help())];
    case "call":
    case "call-back":
    case "block":
    case "block-caller":
    case "unblock":
    case "who-called":
    case "who-is-it":
    case "calling-off":
    case "calling-on":
      if (now.book === null) return [dialog, saying(say.bookUnreadable())];
      return fulfilByBook(dialog, intent, heard, { ...now, book: now.book });
  }
}

type ByBook = Exclude<Intent, { type: "answer" | "ignore" | "hang-up" | "cancel" | "yes" | "no" | "help" }>;

function fulfilByBook(dialog: Dialog, intent: ByBook, heard: Heard, now: Known): DialogStep {
  const hearing = hearingOf(heard);
  switch (intent.type) {
    case "call":
    case "block":
    case "unblock":
      return orders.pursue(dialog, intent.type, intent.name, hearing, now);
    case "call-back":
      return orders.callBack(dialog, hearing, now);
    case "block-caller":
      return orders.blockCaller(dialog, now);
    case "who-called":
      return orders.whoCalled(dialog, now);
    case "who-is-it":
      return orders.whoIsIt(dialog, now);
    case "calling-off":
      return orders.callingOff(dialog, now);
    case "calling-on":
      return orders.callingOn(dialog, hearing, now);
  }
}

/** Written so that a score that is no number is not understood. */
function understood(heard: Heard, dialog: Dialog, now: Situation): Intent | null {
  const intent = heard.text === null ? null : parse(heard.text);
  if (intent === null) return null;
  return heard.score >= (isFitting(intent, dialog, now) ? CONFIDENCE.fitting : CONFIDENCE.accept) ? intent : null;
}

/** Does what goes on now ask for just this? Other speech is unlikely to, so less will do. */
function isFitting({ type }: Intent, { question }: Dialog, { call }: Situation): boolean {
  switch (type) {
    case "yes":
    case "no":
    case "cancel":
      return question !== null;
    case "answer":
    case "ignore":
    case "block-caller":
    case "who-is-it":
      return call.at === "ringing";
    case "hang-up":
      return call.at !== "idle";
    default:
      return false;
  }
}

function hearingOf(heard: Heard): orders.Hearing {
  return { sure: heard.score >= CONFIDENCE.sure, buttonHeld: heard.buttonHeld };
}
