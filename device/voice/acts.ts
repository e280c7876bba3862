import type { Grant, Person } from "../gate/book.ts";
import { ask, loosen, ordering, refusing, saying, tighten } from "./outputs.ts";
import { refusalOf, refusalOfAny } from "./refusals.ts";
import { hasNeighbour, isPersonBlocked, type Resolved, resolve, tellApart } from "./resolve.ts";
import * as say from "./say.ts";
import type { Alike, Choice, Dialog, DialogStep, Known, NamedAct, PersonQuestion } from "./states.ts";
import { blockPerson, quietTonight } from "./tighten.ts";
import { isLoosening, wish, wishFor } from "./wishes.ts";

/** More people of one name than this are not gone through one by one. */
const MAX_CHOICES = 4;

/**
 * How an order was heard. `sure`: no need to read it back. `buttonHeld`: all through the utterance, or since; where
 * there is a PIN, that it was entered.
 */
export type Hearing = Readonly<{ sure: boolean; buttonHeld: boolean; alike: readonly Alike[] }>;
/** What is to be done with somebody; `kin`: what they are to be called. */
export type Doing = Readonly<{ act: NamedAct; kin?: string }>;

/** Something to be done with whoever is called `name`: done, asked about, or refused; never to a guessed person. */
export function pursue(dialog: Dialog, doing: Doing, name: string, hearing: Hearing, now: Known): DialogStep {
  const meant = resolve(name, now.book, hearing.alike);
  const sure = hearing.sure && !hasNeighbour(name, meant, now.book, hearing.alike);
  return pursueMeant(dialog, doing, name, meant, { ...hearing, sure }, now);
}

export function pursueMeant(
  dialog: Dialog,
  doing: Doing,
  name: string,
  meant: Resolved,
  hearing: Hearing,
  now: Known,
): DialogStep {
  const refusal = refusalOfAny(doing.act, now);
  if (refusal !== null) return [dialog, refusing(refusal)];
  switch (meant.found) {
    case "none":
      return [dialog, saying(say.unknownName())];
    case "one": {
      const recent = { act: doing.act, name, person: meant.person.id };
      return pursuePerson({ ...dialog, recent }, doing, meant.person, hearing, now);
    }
    case "several":
      // Which of them are blocked is not for everybody's ears.
      if (doing.act === "unblock" && !hearing.buttonHeld) {
        return wish(dialog, { intent: { type: "unblock", name } }, say.forThat, now);
      }
      return chooseOf({ ...dialog, recent: { act: doing.act, name, person: null } }, doing, meant.people, hearing, now);
  }
}

/** Blocks at once, however it was heard: a press undoes it. The rest waits for a yes where it was not surely heard. */
export function pursuePerson(dialog: Dialog, doing: Doing, person: Person, hearing: Hearing, now: Known): DialogStep {
  const { act, kin = null } = doing;
  const confirm = confirmation(doing, hearing);
  if (confirm === null) return perform(dialog, doing, person, hearing, now);
  const refusal = refusalOfAny(act, now) ?? refusalOf(act, person, now);
  if (refusal !== null) return [dialog, refusing(refusal)];
  if (isLoosening(act, person, now) && !hearing.buttonHeld) return wishFor(dialog, act, person, now);
  const asked = { person: person.id, name: person.name };
  return ask(dialog, { act, asked, rest: [], offered: [], repeated: false, kin }, confirm(person.name));
}

/** How to ask first; null where it is done at once. What cannot be taken back is always asked about. */
function confirmation({ act, kin }: Doing, { sure }: Hearing): ((name: string) => say.Sentence) | null {
  switch (act) {
    case "block":
    case "messages-from":
    case "is-blocked":
    case "message-only":
    case "quiet-but":
      return null;
    case "delete-all":
      return say.confirmDeleteAll;
    case "delete-person":
      return say.confirmDelete;
    case "rename":
      return (name) => say.confirmRename(name, kin ?? "");
    case "call":
      return sure ? null : say.confirmCall;
    case "unblock":
      return sure ? null : say.confirmUnblock;
    case "allow":
      return sure ? null : say.confirmAllow;
    case "allow-message":
      return sure ? null : say.confirmAllowMessage;
    case "message":
      return sure ? null : say.confirmMessage;
  }
}

/** Only those come into question with whom it can be done: so no blocked name is read out for a call. */
export function chooseOf(
  dialog: Dialog,
  { act, kin }: Doing,
  people: readonly Person[],
  { alike }: Pick<Hearing, "alike">,
  now: Known,
): DialogStep {
  const labels = tellApart(people, alike);
  if (labels === null) return [dialog, saying(say.cannotTellApart())];
  const wantsBlocked = act === "unblock";
  const choices = people.flatMap((person, at): Choice[] =>
    isPersonBlocked(person, now.book) === wantsBlocked || act === "is-blocked"
      ? [{ person: person.id, name: labels[at] ?? "" }]
      : [],
  );
  const [asked, ...rest] = choices;
  if (asked === undefined) return [dialog, saying(wantsBlocked ? say.noneBlocked() : say.allBlocked())];
  if (choices.length > MAX_CHOICES) return [dialog, saying(say.tooManyAlike())];
  const names = choices.map((choice) => choice.name);
  const question: PersonQuestion = { act, asked, rest, offered: choices, repeated: false, kin: kin ?? null };
  if (rest.length === 0) return ask(dialog, question, say.doYouMean(asked.name));
  return ask(dialog, question, say.doYouMeanOf(names, asked.name), { type: "choice", names });
}

export function perform(dialog: Dialog, doing: Doing, person: Person, hearing: Hearing, now: Known): DialogStep {
  const { act, kin } = doing;
  const refusal = refusalOfAny(act, now) ?? refusalOf(act, person, now);
  if (refusal !== null) return [dialog, refusing(refusal)];
  if (isLoosening(act, person, now) && !hearing.buttonHeld) return wishFor(dialog, act, person, now);
  const { id, name } = person;
  switch (act) {
    case "call":
      return [dialog, [...ordering({ type: "call", person: id }), ...saying(say.calling(name))]];
    case "block":
      return blockPerson(dialog, { person: id }, person, now);
    case "unblock":
      if (!isPersonBlocked(person, now.book)) return [dialog, saying(say.notBlocked(name))];
      return loosen(dialog, [{ type: "unblock", person: id }], say.unblocked(name));
    case "allow":
      return loosen(dialog, [{ type: "grant", person: id, grants: ["ring"] }], say.mayRing(name));
    case "allow-message":
      return loosen(dialog, [{ type: "grant", person: id, grants: ["message"] }], say.mayMessage(name));
    case "message-only":
      return messageOnly(dialog, person, hearing, now);
    case "is-blocked":
      return [dialog, saying(isPersonBlocked(person, now.book) ? say.isBlocked(name) : say.notBlocked(name))];
    case "quiet-but":
      return quietTonight(dialog, person, now);
    case "delete-person":
      return [dialog, [...ordering({ type: "delete-person", person: id }), ...saying(say.deleted(name))]];
    case "rename":
      return [
        dialog,
        [...ordering({ type: "rename", person: id, alias: kin ?? "" }), ...saying(say.renamed(name, kin ?? ""))],
      ];
    case "message":
      return recordFor(dialog, person, now);
    case "messages-from":
      return [dialog, ordering({ type: "play-messages", from: id })];
    case "delete-all":
      return [dialog, ordering({ type: "delete-all", from: id })];
  }
}

function recordFor(dialog: Dialog, person: Person, now: Known): DialogStep {
  const [to] = person.accounts;
  if (to === undefined) return [dialog, saying(say.cannotMessage(person.name))];
  const sentence = now.book.calling === "off" ? say.speakThoughOff : say.speakAfterTone;
  return [dialog, [...saying(sentence(person.name)), ...ordering({ type: "record", person: person.id, to })]];
}

/** That they no longer ring holds at once; that they may leave messages needs the button, where it is new. */
function messageOnly(dialog: Dialog, person: Person, { buttonHeld }: Hearing, now: Known): DialogStep {
  const { id, name, grants } = person;
  const taken = (["ring", "drop-in"] as const).filter((grant) => grants.includes(grant));
  const revoke = taken.length === 0 ? [] : [{ type: "revoke" as const, person: id, grants: taken }];
  if (grants.includes("message")) return noRing(dialog, person, taken, say.messagesOnly(name));
  if (buttonHeld) {
    return loosen(dialog, [...revoke, { type: "grant", person: id, grants: ["message"] }], say.messagesOnly(name));
  }
  const [tightened, outputs] = noRing(dialog, person, taken, say.ringsNoMore(name));
  const [wishing, more] = wishFor(tightened, "allow-message", person, now);
  return [wishing, [...outputs, ...more]];
}

function noRing(dialog: Dialog, { id, name }: Person, taken: readonly Grant[], sentence: say.Sentence): DialogStep {
  if (taken.length === 0) return [dialog, saying(say.rangNever(name))];
  const undo = { type: "grants", people: [id], grants: taken } as const;
  return tighten(dialog, undo, [{ type: "revoke", person: id, grants: taken }], sentence);
}
