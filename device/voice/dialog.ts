import { type Intent, parse } from "./intent.ts";
import * as messages from "./message-orders.ts";
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
  PersonQuestion,
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
    case "draft-waits":
      return now.book === null ? [dialog, []] : messages.askToSend(dialog, { ...now, book: now.book });
    case "heard":
      return dialog.question === null
        ? whileQuiet(dialog, input, now)
        : whileAsking(dialog, dialog.question, input, now);
  }
}

function press(dialog: Dialog): DialogStep {
  if (dialog.undo === null) return dialog.question === null ? [dialog, []] : cancel(dialog, dialog.question);
  const [order, sentence] = takeBack(dialog.undo);
  return [{ ...dialog, undo: null }, [...ordering(order), { type: "stop-timer", timer: "undo" }, ...saying(sentence)]];
}

function takeBack(undo: Undo): [Order, say.Sentence] {
  switch (undo.type) {
    case "block":
      return [{ type: "undo-block", block: undo.block }, say.blockUndone(undo.name)];
    case "calling-off":
      return [{ type: "undo-calling-off" }, say.callingIsOn()];
    case "delete":
      return [{ type: "undo-delete", message: undo.message }, say.deleteUndone()];
  }
}

function timeUp(dialog: Dialog, timer: DialogTimer): DialogStep {
  switch (timer) {
    case "undo":
      return [{ ...dialog, undo: null }, []];
    case "answer":
      return dialog.question === null ? [dialog, []] : cancel(dialog, dialog.question);
  }
}

function whileQuiet(dialog: Dialog, heard: Heard, now: Situation): DialogStep {
  const intent = understood(heard, dialog, now);
  const settled = now.recording ? messages.whileHandedOver(dialog, intent?.type ?? "stop") : null;
  if (settled !== null) return settled;
  if (intent !== null) return fulfil(dialog, intent, heard, now);
  return [dialog, heard.spoke ? [{ type: "sorry" }] : []];
}

function whileAsking(dialog: Dialog, question: Question, heard: Heard, now: Situation): DialogStep {
  const intent = understood(heard, dialog, now);
  if (intent === null) return askAgain(dialog, question, heard);
  const answered: Dialog = { ...dialog, question: null };
  if (question.act === "send") {
    const settled = now.book && messages.answerToSend(answered, question, intent.type, { ...now, book: now.book });
    return stopWaiting(settled ?? setAside(fulfil(answered, intent, heard, now), question.asked.name));
  }
  if (intent.type === "cancel") return cancel(dialog, question);
  if (intent.type === "no") return refuse(dialog, question);
  if (intent.type === "yes") return stopWaiting(agree(answered, question, heard, now));
  return stopWaiting(fulfil(answered, intent, heard, now));
}

/** Nobody spoke, or it was not understood. What somebody recorded is asked about once more all the same. */
function askAgain(dialog: Dialog, question: Question, heard: Heard): DialogStep {
  const isPatient = heard.spoke || question.act === "send";
  if (!isPatient || question.repeated) return cancel(dialog, question);
  const sentence = question.act === "send" ? say.sendPlayOrDiscard() : null;
  const [asking, outputs] = ask(dialog, { ...question, repeated: true }, sentence);
  return [asking, [...(heard.spoke ? [{ type: "sorry" } as const] : []), ...outputs]];
}

/** The owner goes on to something else: what was recorded is kept, and that is said first. */
function setAside([dialog, outputs]: DialogStep, name: string): DialogStep {
  return [dialog, [...saying(say.messageKept(name)), ...outputs]];
}

/** Not the one: the next, or nobody. */
function refuse(dialog: Dialog, question: PersonQuestion): DialogStep {
  const [asked, ...rest] = question.rest;
  if (asked === undefined) return cancel(dialog, question);
  return ask(dialog, { ...question, asked, rest, repeated: false }, say.doYouMean(asked.name));
}

/** The book may have changed since: the person is looked up again, and whatever speaks against it still does. */
function agree(dialog: Dialog, question: PersonQuestion, heard: Heard, now: Situation): DialogStep {
  const { book } = now;
  if (book === null) return [dialog, saying(say.bookUnreadable())];
  const person = book.people.find(({ id }) => id === question.asked.person);
  if (person === undefined) return [dialog, saying(say.unknownName())];
  return orders.perform(dialog, question.act, person, hearingOf(heard), { ...now, book });
}

/** A question of which no answer came, or a no. What was recorded is not thrown away by silence. */
function cancel(dialog: Dialog, question: Question): DialogStep {
  const answered: Dialog = { ...dialog, question: null };
  return stopWaiting(
    question.act === "send" ? messages.keep(answered, question.asked) : [answered, saying(say.cancelled())],
  );
}

/** The old timer stops before whatever starts a new one. */
function stopWaiting([dialog, outputs]: DialogStep): DialogStep {
  return [dialog, [{ type: "stop-timer", timer: "answer" }, ...outputs]];
}

type Bookless = "answer" | "ignore" | "hang-up" | "cancel" | "yes" | "no" | "help";

function fulfil(dialog: Dialog, intent: Intent, heard: Heard, now: Situation): DialogStep {
  switch (intent.type) {
    case "answer":
    case "ignore":
    case "hang-up":
    case "cancel":
    case "yes":
    case "no":
    case "help":
      return fulfilAnyway(dialog, intent.type, now);
    default:
      break;
  }
  if (now.book === null) return [dialog, saying(say.bookUnreadable())];
  const known: Known = { ...now, book: now.book };
  const hearing = hearingOf(heard);
  switch (intent.type) {
    case "call":
    case "block":
    case "unblock":
    case "message":
    case "messages-from":
    case "delete-all":
      return orders.pursue(dialog, intent.type, intent.name, hearing, known);
    case "call-back":
      return orders.callBack(dialog, hearing, known);
    case "block-caller":
      return orders.blockCaller(dialog, known);
    case "who-called":
      return orders.whoCalled(dialog, known);
    case "who-is-it":
      return orders.whoIsIt(dialog, known);
    case "calling-off":
      return orders.callingOff(dialog, known);
    case "calling-on":
      return orders.callingOn(dialog, hearing, known);
    default:
      return messages.fulfil(dialog, intent.type, hearing, known);
  }
}

/** What needs no book works on while the book cannot be read. */
function fulfilAnyway(dialog: Dialog, intent: Bookless, now: Situation): DialogStep {
  const { at } = now.call;
  switch (intent) {
    case "answer":
    case "ignore":
      return [dialog, at === "ringing" ? ordering({ type: intent }) : saying(say.nobodyIsCalling())];
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
  }
}

/** Written so that a score that is no number is not understood. */
function understood(heard: Heard, dialog: Dialog, now: Situation): Intent | null {
  const intent = heard.text === null ? null : parse(heard.text);
  if (intent === null) return null;
  return heard.score >= (isFitting(intent, dialog, now) ? CONFIDENCE.fitting : CONFIDENCE.accept) ? intent : null;
}

/** Does what goes on now ask for just this? Other speech is unlikely to, so less will do. */
function isFitting(
  { type }: Intent,
  { question }: Dialog,
  { call, isListening, message, recording }: Situation,
): boolean {
  switch (type) {
    case "next":
      return isListening;
    case "repeat":
    case "delete":
    case "reply":
    case "save":
      return message !== null;
    case "stop":
      return isListening || recording || question?.act === "send";
    case "again":
    case "send":
    case "play-it":
    case "discard":
      return question?.act === "send";
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
