import { PHRASES } from "./phrases.ts";
import { TOPICS, type Topic } from "./row.ts";
import { NAMELESS, speakable } from "./speakable.ts";
import type { NamedAct } from "./states.ts";

declare const spoken: unique symbol;
/** Plain text that Porter may speak: one of the sentences below, never markup. Names in it come from the book alone. */
export type Sentence = string & Readonly<{ [spoken]: true }>;

/** Said of a caller who is not in the book. */
const STRANGER = "somebody who is not in your book";
const MAX_LISTED = 5;

// Calls that others make.
/** `whom`: where the unit has several owners. */
export const isCalling = (name: string | null, whom: string | null = null) =>
  sentence(`${nameOr(name, "Somebody")} is calling${whom === null ? "" : ` ${speakable(whom)}`}.`);
export const nobodyIsCalling = () => sentence("Nobody is calling.");
export const talkingTo = (name: string | null) => sentence(`You are talking to ${nameOr(name, "somebody")}.`);

// Calls that the owner makes.
export const calling = (name: string) => sentence(`Calling ${speakable(name)}.`);
export const nobodyAnswered = (name: string) =>
  sentence(`${speakable(name)} did not answer. To leave a message, say leave a message.`);
export const cannotCall = (name: string) => sentence(`I have no way to call ${speakable(name)}.`);
export const noConnection = () => sentence("I have no connection. Please try again later.");
export const noCall = () => sentence("There is no call.");
export const alreadyInCall = () => sentence("There is a call already.");
export const connectionLost = (name: string) => sentence(`The connection to ${speakable(name)} was lost.`);
export const callWasLost = () => sentence("Sorry, the call was lost.");
export const nobodyToCallBack = () => sentence("There is nobody to call back.");

// A word of the owner's own.
const TEACHING = {
  first: "After each tone, say the word once, as you will call me.",
  next: "Once more.",
  again: "I could not use that. Once more.",
} as const;
export const teaching = (how: keyof typeof TEACHING) => sentence(TEACHING[how]);
export const wordTaught = (taught: boolean) =>
  sentence(taught ? "I have learned the word." : "I could not learn the word. The screen says why.");

// Questions.
export const confirmCall = (name: string) => sentence(`Shall I call ${speakable(name)}?`);
export const confirmUnblock = (name: string) => sentence(`Shall I unblock ${speakable(name)}?`);
export const doYouMean = (name: string) => sentence(`Do you mean ${speakable(name)}?`);
export const doYouMeanOf = (names: readonly string[], first: string) =>
  sentence(`I know ${listed(names.map(speakable))}. Do you mean ${speakable(first)}?`);
export const cancelled = () => sentence("All right, cancelled.");
export const unknownName = () => sentence("I do not know that name.");
export const tooManyAlike = () => sentence("Several people have that name. Please say the full name.");
export const cannotTellApart = () => sentence("Several people have that name. Please give them different names first.");

// Blocks and the switch.
export const blocked = (name: string) => sentence(`${speakable(name)} is blocked. To undo, press the button.`);
export const callerBlocked = () => sentence("That caller is blocked. To undo, press the button.");
export const alreadyBlocked = (name: string) => sentence(`${speakable(name)} is blocked already.`);
export const callerAlreadyBlocked = () => sentence("That caller is blocked already.");
export const allBlocked = () => sentence("Everybody of that name is blocked.");
export const noneBlocked = () => sentence("Nobody of that name is blocked.");
export const nobodyToBlock = () => sentence("There is no caller to block.");
export const unblocked = (name: string) => sentence(`${speakable(name)} is not blocked any more.`);
export const notBlocked = (name: string) => sentence(`${speakable(name)} is not blocked.`);
export const blockUndone = (name: string | null) => sentence(`${nameOr(name, "That caller")} is not blocked any more.`);
export const unblockFirst = (name: string) => sentence(`${speakable(name)} is blocked. Unblock them first.`);
export const callingIsOff = () => sentence("Calling is off.");
export const callingIsNowOff = () => sentence("Calling is off. To undo, press the button.");
export const callingIsOn = () => sentence("Calling is on.");
export type SecondFactor = "hold the button" | "press your PIN";
export const forThat = (how: SecondFactor) => sentence(`For that, ${how}.`);
export const toDoThat = (how: SecondFactor, act: NamedAct, name: string) =>
  sentence(`To ${WISHES[act] ?? "do that for"} ${speakable(name)}, ${how}.`);
export const pinWrong = () => sentence("That was not it. After the sound, press your PIN again.");
export const pinWrongLast = (restMs: number) => sentence(`That was not it. ${pinRests(restMs)}`);
export const pinRests = (restMs: number) => sentence(`I take no PIN for another ${lengthOf(restMs)}.`);
export const pinUnreadable = () => sentence("I cannot read your PIN. Set it anew with porter pin set.");
export const pinWasWrong = (count: number) =>
  sentence(`Before that, a wrong PIN was entered ${counted(count, "time")}.`);
const WISHES: Readonly<Partial<Record<NamedAct, string>>> = {
  unblock: "unblock",
  allow: "let calls through from",
  "allow-message": "take messages from",
  "is-blocked": "hear about",
  "delete-person": "delete",
};
export const confirmAllow = (name: string) => sentence(`Shall I let ${speakable(name)} ring?`);
export const confirmAllowMessage = (name: string) => sentence(`Shall I let ${speakable(name)} leave messages?`);
export const mayRing = (name: string) => sentence(`${speakable(name)} can ring now.`);
export const mayMessage = (name: string) => sentence(`${speakable(name)} can leave messages now.`);
export const messagesOnly = (name: string) => sentence(`${speakable(name)} can leave messages, but not ring.`);
export const ringsNoMore = (name: string) => sentence(`${speakable(name)} cannot ring any more.`);
export const rangNever = (name: string) => sentence(`${speakable(name)} could not ring anyhow.`);
export const isBlocked = (name: string) => sentence(`${speakable(name)} is blocked.`);
export const areBlocked = (names: readonly string[], others: number) => {
  if (names.length === 0 && others === 0) return sentence("Nobody is blocked.");
  const more = counted(others, "other block");
  if (names.length === 0) return sentence(`There ${others === 1 ? "is" : "are"} ${more}, on nobody in your book.`);
  const rest = others === 0 ? "" : ` There ${others === 1 ? "is" : "are"} ${more} as well.`;
  return sentence(`${listed(names.map(speakable))} ${names.length === 1 ? "is" : "are"} blocked.${rest}`);
};
const KINDS = { unknown: "Callers who are not in your book", withheld: "Callers who hide their number" };
export const allBlockedNow = (kind: keyof typeof KINDS) =>
  sentence(`${KINDS[kind]} are blocked. To undo, press the button.`);
export const blockedAlready = (kind: keyof typeof KINDS) => sentence(`${KINDS[kind]} are blocked already.`);
export const undone = () => sentence("That is undone.");
export const loosened = (count: number) =>
  sentence(`Since you last spoke to me, ${counted(count, "thing")} ${count === 1 ? "was" : "were"} made less strict.`);
// Quiet. Times are the unit's own words.
export const quietNow = () => sentence("Nobody will disturb you until you end that. To undo, press the button.");
export const quietFor = (minutes: number) =>
  sentence(`Nobody will disturb you for ${spanOf(minutes)}. To undo, press the button.`);
export const quietFromTo = (from: string, to: string) =>
  sentence(`Quiet every day from ${from} to ${to}. To undo, press the button.`);
export const quietBut = (name: string) =>
  sentence(`Until seven in the morning only ${speakable(name)} gets through. To undo, press the button.`);
export const quietUndone = () => sentence("That quiet time is taken back.");
export const quietIsOver = () => sentence("You can be disturbed again.");

// Drop in.
export const nobodyDropsIn = () => sentence("Nobody can drop in.");
export const mayDropIn = (names: readonly string[]) => sentence(`${listed(names.map(speakable))} can drop in.`);
export const dropInIsOff = () => sentence("Nobody can drop in any more. To undo, press the button.");

// People.
export const nobodyThere = () => sentence("There is nobody in your book.");
export const peopleThere = (names: readonly string[]) =>
  sentence(`You have ${counted(names.length, "contact")}: ${listed(names.map(speakable))}.`);
export const isThere = () => sentence("They are in your book already.");
export const confirmDelete = (name: string) =>
  sentence(`Shall I delete ${speakable(name)}, with their messages? That cannot be undone.`);
export const deleted = (name: string) => sentence(`${speakable(name)} is deleted.`);
export const confirmRename = (name: string, alias: string) =>
  sentence(`Shall I call ${speakable(name)} ${speakable(alias)} from now on?`);
export const renamed = (name: string, alias: string) =>
  sentence(`${speakable(name)} is ${speakable(alias)} to me from now on.`);
export const nameIsTaken = (alias: string) => sentence(`Somebody is called ${speakable(alias)} already.`);
export const whoIsMeant = () => sentence("I do not know who is meant. Please say the name.");
export const noOther = () => sentence("I know no other of that name.");
export const nobodyToRedial = () => sentence("You have called nobody yet.");

// Numbers, and help in need.
export const whichNumber = () => sentence("Which number?");
export const confirmNumber = (digits: string) => sentence(`${digits}. Shall I call it?`);
export const cannotCallNumber = () => sentence("I can only call numbers of people in your book who have Porter.");
export const noEmergencyServices = () => sentence("I cannot reach the emergency services. Use a phone.");
export const noEmergencyPerson = () =>
  sentence("You have no emergency contact. Give somebody in your book the alias emergency contact.");

// How it speaks and listens.
export const volumeIs = (level: number) => sentence(`Volume ${SMALL[level] ?? String(level)}.`);
export const speaksSo = (changed: boolean) =>
  sentence(changed ? "I speak like this now." : "I cannot speak any faster or slower.");
export const waitsFor = (ms: number) => sentence(`I wait ${(ms / 1_000).toFixed(1)} seconds for you to go on.`);

// What was changed, and why something did not ring: no names, for whoever is blocked may be among them.
export const nothingChanged = () => sentence("Nothing was changed in the last week.");
export const changes = (parts: readonly string[]) => sentence(`In the last week: ${listed(parts)}.`);
export const everythingRang = () => sentence("Every call that I know of has rung.");
export const didNotRing = (when: string, because: string) =>
  sentence(`A call${when === "" ? "" : ` ${when}`} did not ring because ${because}.`);

/** What the unit cannot do yet, and what can be done instead. */
const MISSING = {
  "mute-me": "Use the mute switch: it cuts the microphone.",
  "unmute-me": "Use the mute switch: only it can bring the microphone back.",
  "call-together": "I cannot call two people together yet.",
  "add-to-call": "I cannot add anybody to a call yet.",
  "move-call": "I cannot move a call to another room yet.",
  "only-group": "I do not know groups such as family yet. Say block unknown callers, or do not disturb.",
  "allow-until": "I cannot allow somebody for a time yet. Hold the button and say allow, and the name.",
  "add-somebody": "I cannot take a new name by voice. Use porter person add.",
  "let-call-only": "I cannot limit whom somebody calls yet.",
  announce: "I cannot announce anything to other rooms yet.",
  "drop-in": "I cannot drop in on another room yet.",
} as const;
export const missing = (what: keyof typeof MISSING) => sentence(MISSING[what]);

// Messages that the owner sends.
export const confirmMessage = (name: string) => sentence(`Shall I record a message for ${speakable(name)}?`);
export const speakAfterTone = (name: string) => sentence(`Message for ${speakable(name)}. Speak after the tone.`);
export const speakThoughOff = (name: string) =>
  sentence(`Message for ${speakable(name)}. Calling is off, so no answer will get through. Speak after the tone.`);
export const shallISend = (name: string) => sentence(`Message for ${speakable(name)}. Shall I send it?`);
export const sendPlayOrDiscard = () => sentence("Say send, play it, again, or discard.");
export const messageGoesOut = (name: string) => sentence(`Your message is on its way to ${speakable(name)}.`);
export const draftNotSaved = (name: string) =>
  sentence(`Sorry, I could not save your message for ${speakable(name)}, so it was not sent. I keep it for now.`);
export const messageKept = (name: string) =>
  sentence(`I keep your message for ${speakable(name)}. To go on with it, say send it, or discard it.`);
export const messageDiscarded = () => sentence("The message is discarded.");
export const heardNothing = () => sentence("I heard nothing, so there is no message.");
export const recordingLost = () => sentence("Sorry, the recording was lost.");
export const cannotMessage = (name: string) => sentence(`I have no way to send ${speakable(name)} a message.`);
export const nobodyToMessage = () => sentence("There is nobody to leave a message for.");
export const nothingToSend = () => sentence("There is no message to send.");
export const tooManyDrafts = () => sentence("Too many messages wait to be sent. Say send it, or discard it.");

// Messages that came. Who is blocked or held is neither counted nor named here.
export const newMessages = (names: readonly string[], count: number) =>
  sentence(`You have ${counted(count, "new message")}, from ${listed(names.map(speakable))}.`);
export const noNewMessages = () => sentence("You have no new messages.");
export const requestsWait = (names: readonly (string | null)[], count: number) =>
  sentence(`There ${count === 1 ? "is" : "are"} ${counted(count, "request")}, from ${listedOr(names, STRANGER)}.`);
export const noRequests = () => sentence("There are no requests.");
export const noMessagesFrom = (name: string) => sentence(`There are no messages from ${speakable(name)}.`);
/** `when` is the unit's own words; empty where it does not know. */
export const messageFrom = (name: string | null, when: string) =>
  sentence(`${nameOr(name, STRANGER)}${when === "" ? "" : `, ${when}`}.`);
/** `first` null: nobody's signature says who spoke it. */
export const forwardedFrom = (name: string | null, first: Readonly<{ name: string | null }> | null, when: string) => {
  const whose = first === null ? "nobody knows whose" : `first from ${nameOr(first.name, STRANGER)}`;
  return sentence(`${nameOr(name, STRANGER)}${when === "" ? "" : `, ${when}`}, passing on a message, ${whose}.`);
};
export const writes = (name: string | null) =>
  sentence(`${nameOr(name, "they")} ${name === null ? "write" : "writes"}.`);
export const noMoreMessages = () => sentence("There are no more messages.");
export const wasLastMessage = () => sentence("That was the last message.");
export const cannotBePlayed = () => sentence("That message cannot be played.");
export const messageDeleted = () => sentence("Deleted. To undo, press the button.");
export const deleteUndone = () => sentence("The message is kept.");
export const couldNotDelete = () => sentence("Sorry, I could not delete that. It is still there.");
export const messageSaved = () => sentence("Saved.");
export const savedAsEvidence = () => sentence("Saved as evidence.");
export const confirmDeleteAll = (name: string) => sentence(`Shall I delete all messages from ${speakable(name)}?`);
export const messagesDeleted = (count: number) =>
  sentence(`${counted(count, "message")} ${count === 1 ? "is" : "are"} deleted.`);
export const messagesAreOff = () => sentence("Calling is off, so no messages are played.");

// What was. A null name is somebody who is not in the book.
export const nobodyCalled = () => sentence("Nobody called.");
export const called = (names: readonly (string | null)[]) => sentence(`${listedOr(names, STRANGER)} called.`);
export const lastCallWas = (name: string | null) =>
  sentence(`Nobody new called. The last was ${nameOr(name, STRANGER)}.`);
export const messageNotSaved = () => sentence("I have no room left to save messages. Please look after this.");
export const messageNotDelivered = (name: string | null) =>
  sentence(`Your message for ${nameOr(name, "somebody")} could not be delivered.`);

// The unit itself.
export const couldNotSave = () => sentence("Sorry, I could not save that. Nothing was changed.");
export const notSaved = () => sentence("I could not save that. It holds until I am switched off.");
export const bookUnreadable = () =>
  sentence("I cannot read your book, so nobody can call you. Please ask porter status what to do.");
export const bookRestored = () =>
  sentence("My memory was damaged. I have your people and blocks from their copy, but not your calls and messages.");
export const help = () =>
  sentence(
    `You can say: ${FIRST_HELP.join("; ")}. For more, ask: what can I say about ${TOPICS.slice(0, -1).join(", ")} or ${TOPICS.at(-1) ?? ""}?`,
  );
export const helpAbout = (topic: Topic) => sentence(`You can say: ${helpLines(topic).join("; ")}.`);
const FIRST_HELP = ["call, and a name", "message, and a name", "answer", "hang up", "who called", "block, and a name"];

function helpLines(topic: Topic): string[] {
  return PHRASES.filter((row) => row.topic === topic).flatMap((row) => (row.help === null ? [] : [row.help]));
}

function spanOf(minutes: number): string {
  if (minutes === 90) return "an hour and a half";
  if (minutes === 60) return "an hour";
  return minutes % 60 === 0 ? counted(minutes / 60, "hour") : counted(minutes, "minute");
}

/** Rounded up, in the largest unit that fits. */
function lengthOf(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  if (seconds < 60) return counted(seconds, "second");
  return seconds < 3_600 ? counted(Math.ceil(seconds / 60), "minute") : counted(Math.ceil(seconds / 3_600), "hour");
}

/** "Ana, Ben and 3 others". */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, names.length > MAX_LISTED ? MAX_LISTED - 1 : MAX_LISTED);
  const others = names.length - shown.length;
  const parts = others > 0 ? [...shown, `${others} others`] : shown;
  return parts.length < 2 ? (parts[0] ?? NAMELESS) : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1) ?? ""}`;
}

function listedOr(names: readonly (string | null)[], otherwise: string): string {
  return listed(names.map((name) => nameOr(name, otherwise)));
}

const SMALL = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

function counted(count: number, what: string): string {
  return `${SMALL[count] ?? String(count)} ${what}${count === 1 ? "" : "s"}`;
}

function nameOr(name: string | null, otherwise: string): string {
  return name === null ? otherwise : speakable(name);
}

function sentence(text: string): Sentence {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place where a Sentence is made
  return capitalised(text) as Sentence;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
