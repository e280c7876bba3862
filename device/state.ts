import { idle } from "./call/outside.ts";
import type { Call } from "./call/states.ts";
import type { AccountId, Book } from "./gate/book.ts";
import type { Now, Request } from "./gate/decide.ts";
import type { EnvelopeId, Pass } from "./gate/pass.ts";
import { nothingPlays } from "./inbox/inbox.ts";
import { nothingRecorded } from "./inbox/recorder.ts";
import type { Inbox, MessageRef, Recorder } from "./inbox/states.ts";
import type { InboxEntry } from "./store/inbox.ts";
import type { JournalEntry } from "./store/journal-line.ts";
import { quiet } from "./voice/outputs.ts";
import { DEFAULT_VOICE } from "./voice/set-voice.ts";
import type { Dialog, PinStanding, VoiceSettings } from "./voice/states.ts";

/** Which of the unit's owners: the first is 0, the others follow in the order of the config. */
export type ResidentId = number;
export const FIRST: ResidentId = 0;

/** What is remembered for one owner, beside what their stores keep. */
export type Resident = Readonly<{
  resident: ResidentId;
  book: Book | null;
  /** What their orders left open. At most one owner's is not quiet: whose order came last. */
  dialog: Dialog;
  /** What was asked of the gate for each pass that still stands, so that a changed book can be asked again. */
  standing: ReadonlyMap<EnvelopeId, Asked>;
  /** Missed calls that the owner has not asked about, oldest first. */
  missed: readonly Readonly<{ id: EnvelopeId; pass: Pass }>[];
  /** The newest new message that the gate lets be shown now. */
  waiting: Readonly<{ id: EnvelopeId; pass: Pass }> | null;
  /** Deleted, but a press still brings it back: out of every list, and gone once the dialog's undo is. */
  deleting: MessageRef | null;
  lastCaller: AccountId | null;
  /** Whom the owner called last, if nobody answered. */
  unanswered: AccountId | null;
  /** Whom the owner called last. */
  lastCalled: AccountId | null;
  /** How often something was made less strict since the owner last spoke: they are told. */
  loosened: number;
  /** Whose ring the owner ignored a moment ago: it does not ring again at once. */
  ignored: AccountId | null;
  /** Messages of which a part was dropped: no other part of them is kept. By sender and hash, oldest first. */
  dropped: readonly string[];
  /** The owner knows that messages cannot be saved. */
  toldNotSaved: boolean;
  /** The book was taken from its copy, and the owner was not told of it yet. */
  restored: boolean;
}>;

/**
 * All that the brain remembers between events, as one of the owners sees it: what is theirs in front, the other owners
 * beside, and what the unit has but once. Whatever happens is looked at from where it belongs (`house.ts`).
 */
export type State = Resident &
  Unit &
  Readonly<{
    others: readonly Resident[];
  }>;

/** There is one loudspeaker, one microphone, one call and one light, whoever they serve. */
type Unit = Readonly<{
  call: Call;
  /** Whose the call is, while there is one. */
  lineOf: ResidentId;
  /** How somebody listens through their messages; `listener`: who, and how they asked for it. */
  inbox: Inbox;
  listener: Readonly<{ of: ResidentId; by: "voice" | "cli" }>;
  /** What is spoken to the unit is recorded for the first owner alone. */
  recorder: Recorder;
  /** Who was heard of last in this room, and whom they called. */
  rang: Rang | null;
  /** Who rang, and who had called last, when somebody began to speak: "that caller" is no other. */
  whenSpoken: Readonly<{ ringing: string | null; lastCaller: AccountId | null; rang: Rang | null }> | null;
  /** The audio process dies again and again. */
  earsFail: boolean;
  muted: boolean;
  voice: VoiceSettings;
  listening: boolean;
  buttonDown: boolean;
  /** Down since before the wake word: the second factor that loosening asks for. */
  heldThrough: boolean;
}>;

type Rang = Readonly<{ of: ResidentId; peer: AccountId }>;

/**
 * A request and when it came. A changed book is asked about that moment: hours that pass do not end a call, hours that
 * the owner sets do if it came within them.
 */
export type Asked = Readonly<{ request: Request; now: Now }>;

/** What a step may look at beside the state, of one owner each. */
export type Context = Readonly<{
  /** Whose calls may be listed and were not heard of yet, newest first; asked only when somebody speaks. */
  unheard: (of: ResidentId) => readonly AccountId[];
  /** All messages that lie here, oldest first. Which of them may be shown is for the gate to say. */
  inbox: (of: ResidentId) => readonly InboxEntry[];
  /** The time, and whether it can be believed. */
  now: (of: ResidentId) => Now;
  /** Of the PIN that loosening by voice asks for. */
  pin: (of: ResidentId) => PinStanding;
  /** The newest lines of the owner's journal, newest first; asked only when they want to know. */
  journal: (of: ResidentId) => readonly JournalEntry[];
}>;

/** What an owner's stores say at the start. */
export type Moving = Readonly<{ book: Book | null; lastCaller: AccountId | null; restored: boolean; loosened: number }>;

/** As the first owner sees it. */
export function firstState(book: Book | null, muted: boolean, lastCaller: AccountId | null): State {
  return houseState([{ book, lastCaller, restored: false, loosened: 0 }], muted);
}

/** The same of several owners, the first of whom is in front. */
export function houseState(
  owners: readonly [Moving, ...Moving[]],
  muted: boolean,
  voice: VoiceSettings = DEFAULT_VOICE,
): State {
  const [first, ...others] = owners;
  return {
    ...movingIn(first, FIRST),
    others: others.map((each, index) => movingIn(each, index + 1)),
    call: idle,
    lineOf: FIRST,
    inbox: nothingPlays,
    listener: { of: FIRST, by: "voice" },
    recorder: nothingRecorded,
    rang: null,
    whenSpoken: null,
    earsFail: false,
    muted,
    voice,
    listening: false,
    buttonDown: false,
    heldThrough: false,
  };
}

function movingIn(moving: Moving, resident: ResidentId): Resident {
  return {
    ...moving,
    resident,
    dialog: quiet,
    standing: new Map(),
    missed: [],
    waiting: null,
    deleting: null,
    unanswered: null,
    lastCalled: null,
    ignored: null,
    dropped: [],
    toldNotSaved: false,
  };
}

/** Somebody begins to speak to the unit: who is meant by "that caller", and whether the button is held, is settled now. */
export function spokenTo(state: State): State {
  const { lastCaller, rang, buttonDown } = state;
  const whenSpoken = { ringing: ringingNow(state), lastCaller, rang };
  return { ...state, listening: true, heldThrough: buttonDown, whenSpoken };
}

/** What rings, by whom it is for, too: callers choose the ids, and may call two owners by one. */
export function ringingNow({ call, lineOf }: Pick<State, "call" | "lineOf">): string | null {
  return call.at === "ringing" ? `${lineOf} ${call.incoming.id}` : null;
}

/** Nobody calls, speaks, is asked, listens to a message or leaves one. */
export function isAtRest({ call, listening, dialog, inbox, recorder }: State): boolean {
  const isRecording = recorder.current !== null || recorder.playing !== null;
  return call.at === "idle" && !listening && dialog.question === null && inbox.at === "idle" && !isRecording;
}
