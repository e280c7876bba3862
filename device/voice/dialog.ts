import type { Person } from "../gate/book.ts";
import { type Hearing, perform, pursuePerson } from "./acts.ts";
import { CONFIDENCE, type Heard, hearingOf, understood } from "./confidence.ts";
import { fulfil } from "./fulfil.ts";
import type { Intent } from "./intent.ts";
import * as messages from "./message-orders.ts";
import { answerNumber } from "./number-dialog.ts";
import { ask, ordering, quiet, saying } from "./outputs.ts";
import * as pin from "./pin.ts";
import * as say from "./say.ts";
import type {
  Answers,
  Dialog,
  DialogInput,
  DialogStep,
  DialogTimer,
  Known,
  PersonQuestion,
  Question,
  Situation,
  Wish,
} from "./states.ts";
import { takeBack } from "./tighten.ts";
import { nameWords } from "./words.ts";

export { quiet };

/**
 * The only place where the dialog changes. Pure: no clock, no I/O, no throw. Tightening (block, quiet, calling off)
 * acts at once and a short press undoes it; loosening needs the button held; a call that was not surely heard needs a
 * yes, and so does whatever cannot be taken back.
 */
export function step(dialog: Dialog, input: DialogInput, now: Situation): DialogStep {
  switch (input.type) {
    case "pressed":
      return press(dialog);
    case "held":
      return hold(dialog, now);
    case "pin-checked":
      return onPinChecked(dialog, input, now);
    case "timer":
      return timeUp(dialog, input.timer);
    case "draft-waits":
      return now.book === null ? [dialog, []] : messages.askToSend(dialog, { ...now, book: now.book });
    case "heard":
      return hear(dialog, input, now);
  }
}

/** A wish is for what was said last: nobody's next words shall stand behind an earlier one. */
function hear(before: Dialog, heard: Heard, now: Situation): DialogStep {
  const stop = pin.stopWishing(before);
  const dialog = pin.withoutWish(before);
  const [after, outputs] =
    dialog.question === null ? whileQuiet(dialog, heard, now) : whileAsking(dialog, dialog.question, heard, now);
  return [after, [...stop, ...outputs]];
}

function press(dialog: Dialog): DialogStep {
  if (dialog.undo !== null) {
    const [orders, sentence] = takeBack(dialog.undo);
    const outputs = [...ordering(...orders), { type: "stop-timer", timer: "undo" } as const, ...saying(sentence)];
    return [{ ...dialog, undo: null }, outputs];
  }
  if (dialog.question !== null) return cancel(dialog, dialog.question);
  if (dialog.wish === null) return [dialog, []];
  if (dialog.pin !== null) return pin.onPress(dialog, dialog.pin);
  return [pin.withoutWish(dialog), [...pin.stopWishing(dialog), ...saying(say.cancelled())]];
}

/** After it was said what for. It is not enough where there is a PIN, also one that was set since. */
function hold(dialog: Dialog, now: Situation): DialogStep {
  const { wish, pin: entry } = dialog;
  if (wish === null) return [dialog, []];
  if (entry !== null) return pin.onHeld(dialog, entry, wish);
  return now.pin.at === "none" ? grantWish(dialog, wish, now) : [pin.withoutWish(dialog), pin.stopWishing(dialog)];
}

/** Only for the wish that it was entered for, and only while that waits for it. */
function onPinChecked(
  dialog: Dialog,
  checked: Extract<DialogInput, { type: "pin-checked" }>,
  now: Situation,
): DialogStep {
  const { wish, pin: entry } = dialog;
  if (wish === null || wish !== checked.wish || entry?.at !== "checking") return [dialog, []];
  if (!checked.right) return pin.onWrong(dialog, entry, checked);
  const [after, outputs] = grantWish(dialog, wish, now);
  const others = checked.wrongBefore - entry.wrong;
  return [after, others > 0 ? [...outputs, ...saying(say.pinWasWrong(others))] : outputs];
}

/** The book may have changed since it was asked for, and is looked at again. */
function grantWish(dialog: Dialog, wish: Wish, now: Situation): DialogStep {
  const hearing: Hearing = { sure: true, buttonHeld: true, alike: [] };
  const granted = pin.withoutWish(dialog);
  const [after, outputs] =
    "intent" in wish
      ? fulfil(granted, wish.intent, hearing, now)
      : withPerson(granted, wish.person, now, (person, known) => perform(granted, wish, person, hearing, known));
  return [after, [...pin.stopWishing(dialog), ...outputs]];
}

function timeUp(dialog: Dialog, timer: DialogTimer): DialogStep {
  switch (timer) {
    case "undo":
      return [{ ...dialog, undo: null }, []];
    case "hold":
      return [pin.withoutWish(dialog), pin.timeIsUp(dialog.pin)];
    case "digit":
      return dialog.pin === null ? [dialog, []] : pin.onPause(dialog, dialog.pin);
    case "pin-rest":
      return dialog.pin === null ? [dialog, []] : pin.onRested(dialog, dialog.pin);
    case "answer":
      return dialog.question === null ? [dialog, []] : cancel(dialog, dialog.question);
  }
}

function whileQuiet(dialog: Dialog, heard: Heard, now: Situation): DialogStep {
  const intent = understood(heard, dialog, now);
  const settled = now.recording ? messages.whileHandedOver(dialog, intent?.type ?? "stop") : null;
  if (settled !== null) return settled;
  if (intent !== null) return fulfil(dialog, intent, hearingOf(heard, now), now);
  return [dialog, heard.spoke ? [{ type: "sorry" }] : []];
}

function whileAsking(dialog: Dialog, question: Question, heard: Heard, now: Situation): DialogStep {
  const intent = understood(heard, dialog, now);
  const answered: Dialog = { ...dialog, question: null };
  switch (question.act) {
    case "send": {
      if (intent === null) return askAgain(dialog, question, heard);
      const settled = now.book && messages.answerToSend(answered, question, intent.type, { ...now, book: now.book });
      return stopWaiting(
        settled ?? setAside(fulfil(answered, intent, hearingOf(heard, now), now), question.asked.name),
      );
    }
    case "number": {
      const isClear = heard.text !== null && heard.score >= CONFIDENCE.accept;
      const said = { text: isClear ? (heard.text ?? "") : "", intent: isClear ? intent : null };
      const settled = now.book && answerNumber(answered, question, said, { ...now, book: now.book });
      if (settled !== null) return stopWaiting(settled);
      break;
    }
    default: {
      const picked = pickOf(question, heard, intent);
      if (picked !== null) return stopWaiting(agree(answered, { ...question, asked: picked }, heard, now));
      if (intent === null) break;
      if (intent.type === "no" || intent.type === "not-that-one" || intent.type === "the-other") {
        return refuse(dialog, question);
      }
    }
  }
  if (intent === null || intent.type === "yes" || intent.type === "pick") return askAgain(dialog, question, heard);
  if (intent.type === "cancel" || intent.type === "no") return cancel(dialog, question);
  return stopWaiting(fulfil(answered, intent, hearingOf(heard, now), now));
}

/** Whom an answer means: the one who was asked about, or one of those who were offered, by place or by name. */
function pickOf(question: PersonQuestion, heard: Heard, intent: Intent | null): PersonQuestion["asked"] | null {
  if (intent?.type === "yes") return question.asked;
  if (heard.text === null || !(heard.score >= CONFIDENCE.accept)) return null;
  if (intent?.type === "pick") return question.offered[intent.ordinal] ?? null;
  const words = nameWords(heard.text).join(" ");
  const meant = question.offered.filter((choice) => words !== "" && nameWords(choice.name).join(" ") === words);
  return meant.length === 1 ? (meant[0] ?? null) : null;
}

/** Nobody spoke, or it was not understood. What somebody recorded is asked about once more all the same. */
function askAgain(dialog: Dialog, question: Question, heard: Heard): DialogStep {
  const isPatient = heard.spoke || question.act === "send";
  if (!isPatient || question.repeated) return cancel(dialog, question);
  const sentence = question.act === "send" ? say.sendPlayOrDiscard() : null;
  const [asking, outputs] = ask(dialog, { ...question, repeated: true }, sentence, answersTo(question));
  return [asking, [...(heard.spoke ? [{ type: "sorry" } as const] : []), ...outputs]];
}

function answersTo(question: Question): Answers | undefined {
  if (question.act === "number") return question.digits === null ? { type: "number" } : undefined;
  if (question.act === "send" || question.rest.length === 0) return undefined;
  return { type: "choice", names: question.offered.map(({ name }) => name) };
}

/** The owner goes on to something else: what was recorded is kept, and that is said first. */
function setAside([dialog, outputs]: DialogStep, name: string): DialogStep {
  return [dialog, [...saying(say.messageKept(name)), ...outputs]];
}

/** Not the one: the next, or nobody. */
function refuse(dialog: Dialog, question: PersonQuestion): DialogStep {
  const [asked, ...rest] = question.rest;
  if (asked === undefined) return cancel(dialog, question);
  const next: PersonQuestion = { ...question, asked, rest, repeated: false };
  return ask(dialog, next, say.doYouMean(asked.name), answersTo(next));
}

/** The book may have changed since: the person is looked up again, and whatever speaks against it still does. */
function agree(dialog: Dialog, { act, kin, asked, offered }: PersonQuestion, heard: Heard, now: Situation): DialogStep {
  const doing = { act, ...(kin !== null && { kin }) };
  const hearing = hearingOf(heard, now);
  return withPerson(dialog, asked.person, now, (person, known) => {
    const { name } = dialog.recent?.act === act ? dialog.recent : person;
    const recent = { act, name, person: person.id };
    // It was asked who is meant; whether it shall be done at all, what cannot be taken back still has to ask.
    const then = offered.length > 0 ? pursuePerson : perform;
    return then({ ...dialog, recent }, doing, person, { ...hearing, sure: true }, known);
  });
}

function withPerson(
  dialog: Dialog,
  id: string,
  now: Situation,
  then: (person: Person, known: Known) => DialogStep,
): DialogStep {
  const { book } = now;
  if (book === null) return [dialog, saying(say.bookUnreadable())];
  const person = book.people.find((each) => each.id === id);
  return person === undefined ? [dialog, saying(say.unknownName())] : then(person, { ...now, book });
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
