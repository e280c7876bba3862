import type { Hearing } from "./acts.ts";
import * as acts from "./acts.ts";
import * as messages from "./message-orders.ts";
import { askForNumber, askToDial } from "./number-dialog.ts";
import { ordering, saying } from "./outputs.ts";
import type { Intent } from "./phrases.ts";
import { emergencyPerson, isPersonBlocked, personWith, resolve, resolveAt } from "./resolve.ts";
import * as say from "./say.ts";
import { setVolume, turn } from "./set-voice.ts";
import type { Dialog, DialogStep, Known, Situation } from "./states.ts";
import * as tell from "./tell.ts";
import * as tighten from "./tighten.ts";
import { wish } from "./wishes.ts";

/** Does what somebody wants, or says why not. What needs no book works on while the book cannot be read. */
export function fulfil(dialog: Dialog, intent: Intent, hearing: Hearing, now: Situation): DialogStep {
  const done = fulfilAnyway(dialog, intent, now);
  if (done !== null) return done;
  if (now.book === null) return [dialog, saying(say.bookUnreadable())];
  const known: Known = { ...now, book: now.book };
  return fulfilNamed(dialog, intent, hearing, known) ?? fulfilPlain(dialog, intent, hearing, known);
}

/** Null for what needs a book. */
function fulfilAnyway(dialog: Dialog, intent: Intent, now: Situation): DialogStep | null {
  const { at } = now.call;
  switch (intent.type) {
    case "answer":
      return [dialog, at === "ringing" ? ordering({ type: "answer" }) : saying(say.nobodyIsCalling())];
    case "ignore":
      return at === "ringing" ? ignore(dialog) : [dialog, saying(say.nobodyIsCalling())];
    case "hang-up":
      if (at === "ringing") return ignore(dialog);
      return [dialog, at === "idle" ? saying(say.noCall()) : ordering({ type: "hang-up" })];
    case "cancel":
      return [dialog, at === "calling" ? ordering({ type: "hang-up" }) : [{ type: "sorry" }]];
    case "yes":
    case "no":
    case "pick":
      return [dialog, [{ type: "sorry" }]];
    case "help":
      return [dialog, saying(say.help())];
    case "help-about":
      return [dialog, saying(say.helpAbout(intent.topic))];
    case "louder":
    case "quieter":
    case "slower":
    case "faster":
    case "wait-longer":
    case "wait-less":
      return turn(dialog, intent.type, now);
    case "volume":
      return setVolume(dialog, intent.level, now);
    case "mute-me":
    case "unmute-me":
    case "call-together":
    case "add-to-call":
    case "move-call":
    case "only-group":
    case "allow-until":
    case "add-somebody":
    case "let-call-only":
    case "announce":
    case "drop-in":
      return [dialog, saying(say.missing(intent.type))];
    default:
      return null;
  }
}

/** Nothing is said: whoever rings does not hear it, and nobody else need know. */
function ignore(dialog: Dialog): DialogStep {
  return [dialog, [...ordering({ type: "ignore" }), { type: "earcon", earcon: "done" }]];
}

/** Null for what names nobody. */
function fulfilNamed(dialog: Dialog, intent: Intent, hearing: Hearing, now: Known): DialogStep | null {
  switch (intent.type) {
    case "call":
    case "block":
    case "unblock":
    case "message":
    case "messages-from":
    case "delete-all":
    case "delete-person":
    case "allow":
    case "allow-message":
    case "message-only":
    case "is-blocked":
    case "quiet-but":
      return acts.pursue(dialog, { act: intent.type }, intent.name, hearing, now);
    case "call-at":
      return callAt(dialog, intent, hearing, now);
    case "rename":
      return rename(dialog, intent.name, intent.kin, hearing, now);
    case "rename-them":
      return renameThem(dialog, intent.kin, hearing, now);
    case "add-person":
      return [
        dialog,
        saying(
          resolve(intent.name, now.book, hearing.alike).found === "none" ? say.missing("add-somebody") : say.isThere(),
        ),
      ];
    case "the-other":
      return theOther(dialog, intent.name, hearing, now);
    case "call-digits":
      return askToDial(dialog, intent.digits, now);
    default:
      return null;
  }
}

function fulfilPlain(dialog: Dialog, intent: Intent, hearing: Hearing, now: Known): DialogStep {
  const held = (then: () => DialogStep): DialogStep =>
    hearing.buttonHeld ? then() : wish(dialog, { intent }, say.forThat, now);
  switch (intent.type) {
    case "call-back":
      return callAgain(dialog, now.lastCaller, say.nobodyToCallBack(), hearing, now);
    case "redial":
      return callAgain(dialog, now.lastCalled, say.nobodyToRedial(), hearing, now);
    case "call-number":
      return askForNumber(dialog, now);
    case "call-help":
      return callHelp(dialog, hearing, now);
    case "emergency-number":
      return emergency(dialog, hearing, now);
    case "not-that-one":
      return theOther(dialog, dialog.recent?.name ?? null, hearing, now);
    case "block-caller":
      return tighten.blockCaller(dialog, now);
    case "block-unknown":
      return tighten.blockAll(dialog, "unknown", now);
    case "block-withheld":
      return tighten.blockAll(dialog, "withheld", now);
    case "calling-off":
      return tighten.callingOff(dialog, now);
    case "drop-in-off":
      return tighten.dropInOff(dialog, now);
    case "quiet":
      return tighten.quietFor(dialog, null, now);
    case "quiet-for":
      return tighten.quietFor(dialog, intent.span, now);
    case "quiet-hours":
      return tighten.quietHours(dialog, intent.from, intent.till);
    case "calling-on":
      return now.book.calling === "on" ? tighten.callingOn(dialog, now) : held(() => tighten.callingOn(dialog, now));
    case "quiet-off":
      return held(() => tighten.quietOff(dialog));
    case "who-is-blocked":
      return held(() => tell.whoIsBlocked(dialog, now));
    case "who-called":
      return tell.whoCalled(dialog, now);
    case "who-is-it":
      return tell.whoIsIt(dialog, now);
    case "who-is-there":
      return tell.whoIsThere(dialog, now);
    case "who-drops-in":
      return tell.whoDropsIn(dialog, now);
    case "any-changes":
      return [dialog, ordering({ type: "tell-changes" })];
    case "why-no-ring":
      return [dialog, ordering({ type: "tell-why" })];
    default:
      return messages.isAboutMessages(intent)
        ? messages.fulfil(dialog, intent.type, hearing, now)
        : [dialog, [{ type: "sorry" }]];
  }
}

/** A blocked caller is not named, nor called: nobody asked for them by name. */
function callAgain(
  dialog: Dialog,
  account: string | null,
  nobody: say.Sentence,
  hearing: Hearing,
  now: Known,
): DialogStep {
  const person = account === null ? null : personWith(account, now.book);
  if (person === null || isPersonBlocked(person, now.book)) return [dialog, saying(nobody)];
  const recent = { act: "call", name: person.name, person: person.id } as const;
  return acts.pursuePerson({ ...dialog, recent }, { act: "call" }, person, hearing, now);
}

/** Which of somebody's lines is at that place, the book does not say: unless it names them so, that is asked. */
function callAt(
  dialog: Dialog,
  { name, place }: Extract<Intent, { type: "call-at" }>,
  hearing: Hearing,
  now: Known,
): DialogStep {
  const there = resolveAt(name, place, now.book, hearing.alike);
  if (there.found !== "none") return acts.pursueMeant(dialog, { act: "call" }, name, there, hearing, now);
  return acts.pursue(dialog, { act: "call" }, name, { ...hearing, sure: false }, now);
}

/** The one just called is not the one: the call ends, and the others of that name are asked about. */
function theOther(dialog: Dialog, name: string | null, hearing: Hearing, now: Known): DialogStep {
  const recent = dialog.recent?.act === "call" || dialog.recent?.act === "message" ? dialog.recent : null;
  const isCalling = now.call.at === "calling";
  const end = isCalling ? ordering({ type: "hang-up" }) : [];
  if (name === null || (recent === null && !isCalling)) return [dialog, isCalling ? end : [{ type: "sorry" }]];
  const wrong = recent?.person ?? (now.call.at === "calling" ? personWith(now.call.peer, now.book)?.id : undefined);
  const meant = resolve(name, now.book, hearing.alike);
  const people = meant.found === "several" ? meant.people : meant.found === "one" ? [meant.person] : [];
  const others = people.filter(({ id }) => id !== wrong);
  if (others.length === 0) return [{ ...dialog, recent: null }, [...end, ...saying(say.noOther())]];
  const idle: Known = { ...now, call: { at: "idle" } };
  const [next, outputs] = acts.chooseOf(
    { ...dialog, recent: null },
    { act: recent?.act ?? "call" },
    others,
    hearing,
    idle,
  );
  return [next, [...end, ...outputs]];
}

function rename(dialog: Dialog, name: string, kin: string, hearing: Hearing, now: Known): DialogStep {
  const taken = resolve(kin, now.book, hearing.alike);
  if (taken.found !== "none") return [dialog, saying(say.nameIsTaken(kin))];
  return acts.pursue(dialog, { act: "rename", kin }, name, hearing, now);
}

/** Whoever is on the line, or was last spoken of. */
function renameThem(dialog: Dialog, kin: string, hearing: Hearing, now: Known): DialogStep {
  const { call, book } = now;
  const peer = call.at === "calling" || call.at === "ringing" || call.at === "talking" ? call.peer : null;
  const person = peer === null ? book.people.find(({ id }) => id === dialog.recent?.person) : personWith(peer, book);
  if (!person || isPersonBlocked(person, book)) return [dialog, saying(say.whoIsMeant())];
  if (resolve(kin, book, hearing.alike).found !== "none") return [dialog, saying(say.nameIsTaken(kin))];
  return acts.pursuePerson(dialog, { act: "rename", kin }, person, hearing, now);
}

function callHelp(dialog: Dialog, hearing: Hearing, now: Known): DialogStep {
  const person = emergencyPerson(now.book);
  if (person === null) return [dialog, saying(say.noEmergencyPerson())];
  return acts.pursuePerson({ ...dialog, recent: null }, { act: "call" }, person, hearing, now);
}

/** Said plainly, and at once: no unit of ours can reach them. */
function emergency(dialog: Dialog, hearing: Hearing, now: Known): DialogStep {
  const person = emergencyPerson(now.book);
  const plain = saying(say.noEmergencyServices());
  if (person === null) return [dialog, plain];
  const [next, outputs] = acts.pursuePerson(
    { ...dialog, recent: null },
    { act: "call" },
    person,
    { ...hearing, sure: false },
    now,
  );
  return [next, [...plain, ...outputs]];
}
