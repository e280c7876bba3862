import type { Draft } from "../inbox/states.ts";
import { type Hearing, pursuePerson } from "./acts.ts";
import { ask, ordering, saying, tighten } from "./outputs.ts";
import type { Intent } from "./phrases.ts";
import { isPersonBlocked, personWith } from "./resolve.ts";
import * as say from "./say.ts";
import type { Choice, Dialog, DialogStep, Known, Order, SendQuestion } from "./states.ts";

/** What is said about messages without naming anybody. */
const MESSAGE_INTENTS = [
  "leave-message",
  "any-messages",
  "play-messages",
  "any-requests",
  "play-requests",
  "next",
  "repeat",
  "again",
  "delete",
  "reply",
  "save",
  "evidence",
  "stop",
  "send",
  "play-it",
  "discard",
] as const satisfies readonly Intent["type"][];
type MessageIntent = (typeof MESSAGE_INTENTS)[number];

export function isAboutMessages(intent: Intent): intent is Extract<Intent, { type: MessageIntent }> {
  return MESSAGE_INTENTS.some((type) => type === intent.type);
}

/** A short word that has nothing to be about now does nothing: what a television says means nothing here. */
export function fulfil(dialog: Dialog, intent: MessageIntent, hearing: Hearing, now: Known): DialogStep {
  switch (intent) {
    case "leave-message":
      return answerTo(dialog, now.unanswered, hearing, now);
    case "any-messages":
      return [dialog, ordering({ type: "count-messages" })];
    case "any-requests":
      return [dialog, ordering({ type: "count-requests" })];
    case "play-messages":
      return startListening(dialog, { type: "play-messages", from: null }, now);
    case "play-requests":
      return startListening(dialog, { type: "play-requests" }, now);
    case "next":
      return now.isListening ? startListening(dialog, { type: "next" }, now) : [dialog, [{ type: "sorry" }]];
    case "repeat":
    case "again":
      return onMessage(dialog, now, () => startListening(dialog, { type: "repeat" }, now));
    case "delete":
    case "save":
    case "evidence":
    case "reply":
      return onMessage(dialog, now, (message) => dealWith(dialog, intent, message, hearing, now));
    case "stop":
      return now.isListening ? [dialog, ordering({ type: "stop" })] : [dialog, [{ type: "sorry" }]];
    case "send":
      return askToSend(dialog, now);
    case "play-it":
      if (now.message !== null) return startListening(dialog, { type: "repeat" }, now);
      return onDraft(dialog, now, (draft) => [dialog, ordering({ type: "play-draft", draft: draft.id })]);
    case "discard":
      return onDraft(dialog, now, (draft) => discard(dialog, draft));
  }
}

/** What was said while a recording is being handed over: the question about it follows by itself. */
export function whileHandedOver(dialog: Dialog, type: Intent["type"]): DialogStep | null {
  switch (type) {
    case "stop":
    case "send":
    case "yes":
      return [dialog, []];
    case "discard":
    case "cancel":
    case "no":
      return [dialog, [...ordering({ type: "discard-recording" }), ...saying(say.messageDiscarded())]];
    default:
      return null;
  }
}

/** Reads back for whom it is, and asks. What the book says of them now counts. */
export function askToSend(dialog: Dialog, now: Known): DialogStep {
  const { draft } = now;
  if (draft === null) return [dialog, saying(say.nothingToSend())];
  const asked = addressee(draft, now);
  if (typeof asked === "string") return [dialog, saying(asked)];
  return ask(dialog, { act: "send", asked, draft, repeated: false }, say.shallISend(asked.name));
}

/** `answered`: the dialog without the question. */
export function answerToSend(
  answered: Dialog,
  { draft, asked }: SendQuestion,
  type: Intent["type"],
  now: Known,
): DialogStep | null {
  switch (type) {
    case "yes":
    case "send": {
      const whom = addressee(draft, now);
      if (typeof whom === "string") return [answered, saying(whom)];
      return [answered, ordering({ type: "send-draft", draft: draft.id })];
    }
    case "play-it":
    case "repeat":
      return [answered, ordering({ type: "play-draft", draft: draft.id })];
    case "no":
    case "discard":
    case "cancel":
    case "delete":
      return discard(answered, draft);
    case "again":
      return [
        answered,
        [
          ...ordering({ type: "discard-draft", draft: draft.id }),
          ...saying(say.speakAfterTone(asked.name)),
          ...ordering({ type: "record", person: draft.person, to: draft.to }),
        ],
      ];
    case "stop":
      return keep(answered, asked);
    default:
      return null;
  }
}

/** Neither sent nor thrown away: it waits for "send it" or "discard it". */
export function keep(answered: Dialog, asked: Choice): DialogStep {
  return [answered, saying(say.messageKept(asked.name))];
}

function discard(dialog: Dialog, draft: Draft): DialogStep {
  const order: Order = { type: "discard-draft", draft: draft.id };
  return [dialog, [...ordering(order), ...saying(say.messageDiscarded())]];
}

/** Whom it was recorded for, if they still have that account and nothing speaks against it: else why not. */
function addressee(draft: Draft, { book }: Known): Choice | say.Sentence {
  const person = book.people.find(({ id }) => id === draft.person);
  if (person === undefined) return say.unknownName();
  if (isPersonBlocked(person, book)) return say.unblockFirst(person.name);
  if (personWith(draft.to, book) !== person) return say.cannotMessage(person.name);
  return { person: person.id, name: person.name };
}

type Ref = NonNullable<Known["message"]>;

function dealWith(
  dialog: Dialog,
  what: "delete" | "save" | "evidence" | "reply",
  message: Ref,
  hearing: Hearing,
  now: Known,
): DialogStep {
  switch (what) {
    case "delete":
      return tighten(dialog, { type: "delete", message }, [{ type: "delete", message }], say.messageDeleted());
    case "save":
    case "evidence":
      return [dialog, ordering({ type: what, message })];
    case "reply":
      return answerTo(dialog, message.from, hearing, now);
  }
}

function answerTo(dialog: Dialog, account: string | null, hearing: Hearing, now: Known): DialogStep {
  const person = account === null ? null : personWith(account, now.book);
  if (person === null || isPersonBlocked(person, now.book)) return [dialog, saying(say.nobodyToMessage())];
  return pursuePerson(dialog, { act: "message" }, person, hearing, now);
}

/** Nothing is played into a call, nor while calling is off: then the gate lets nothing in. */
function startListening(dialog: Dialog, order: Order, now: Known): DialogStep {
  if (now.book.calling === "off") return [dialog, saying(say.messagesAreOff())];
  if (now.call.at !== "idle") return [dialog, saying(say.alreadyInCall())];
  return [dialog, ordering(order)];
}

function onMessage(dialog: Dialog, { message }: Known, then: (message: Ref) => DialogStep): DialogStep {
  return message === null ? [dialog, [{ type: "sorry" }]] : then(message);
}

function onDraft(dialog: Dialog, { draft }: Known, then: (draft: Draft) => DialogStep): DialogStep {
  return draft === null ? [dialog, [{ type: "sorry" }]] : then(draft);
}
