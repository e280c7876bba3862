import { idle } from "./call/outside.ts";
import type { Call } from "./call/states.ts";
import type { AccountId, Book } from "./gate/book.ts";
import type { Now, Request } from "./gate/decide.ts";
import type { EnvelopeId, Pass } from "./gate/pass.ts";
import { nothingPlays } from "./inbox/inbox.ts";
import { nothingRecorded } from "./inbox/recorder.ts";
import type { Inbox, MessageRef, Recorder } from "./inbox/states.ts";
import type { InboxEntry } from "./store/inbox.ts";
import { quiet } from "./voice/dialog.ts";
import type { Dialog } from "./voice/states.ts";

/** All that the brain remembers between events, beside what its stores keep. */
export type State = Readonly<{
  book: Book | null;
  call: Call;
  dialog: Dialog;
  /** What was asked of the gate for each pass that still stands, so that a changed book can be asked again. */
  standing: ReadonlyMap<EnvelopeId, Asked>;
  /** Missed calls that the owner has not asked about, oldest first. */
  missed: readonly Readonly<{ id: EnvelopeId; pass: Pass }>[];
  /** The newest new message that the gate lets be shown now. */
  waiting: Readonly<{ id: EnvelopeId; pass: Pass }> | null;
  /** How the owner listens through messages. */
  inbox: Inbox;
  /** Deleted, but a press still brings it back: out of every list, and gone once the dialog's undo is. */
  deleting: MessageRef | null;
  recorder: Recorder;
  lastCaller: AccountId | null;
  /** Whom the owner called last, if nobody answered. */
  unanswered: AccountId | null;
  /** Whose ring the owner ignored a moment ago: it does not ring again at once. */
  ignored: AccountId | null;
  /** Who rang, and who had called last, when the owner began to speak: "that caller" is no other. */
  whenSpoken: Readonly<{ ringing: EnvelopeId | null; lastCaller: AccountId | null }> | null;
  /** Messages of which a part was dropped: no other part of them is kept. By sender and hash, oldest first. */
  dropped: readonly string[];
  /** The owner knows that messages cannot be saved. */
  toldNotSaved: boolean;
  /** The book was taken from its copy, and the owner was not told of it yet. */
  restored: boolean;
  /** The audio process dies again and again. */
  earsFail: boolean;
  muted: boolean;
  listening: boolean;
  buttonDown: boolean;
  /** Down since before the wake word: the second factor that loosening asks for. */
  heldThrough: boolean;
}>;

/**
 * A request and when it came. A changed book is asked about that moment: hours that pass do not end a call, hours that
 * the owner sets do if it came within them.
 */
export type Asked = Readonly<{ request: Request; now: Now }>;

/** What a step may look at beside the state. */
export type Context = Readonly<{
  /** Whose calls may be listed and were not heard of yet, newest first; asked only when the owner speaks. */
  unheard: () => readonly AccountId[];
  /** All messages that lie here, oldest first. Which of them may be shown is for the gate to say. */
  inbox: () => readonly InboxEntry[];
  /** The time, and whether it can be believed. */
  now: () => Now;
}>;

export function firstState(book: Book | null, muted: boolean, lastCaller: AccountId | null): State {
  return {
    book,
    call: idle,
    dialog: quiet,
    standing: new Map(),
    missed: [],
    waiting: null,
    inbox: nothingPlays,
    deleting: null,
    recorder: nothingRecorded,
    lastCaller,
    unanswered: null,
    ignored: null,
    whenSpoken: null,
    dropped: [],
    toldNotSaved: false,
    restored: false,
    earsFail: false,
    muted,
    listening: false,
    buttonDown: false,
    heldThrough: false,
  };
}

/** Somebody begins to speak to the unit: who is meant by "that caller", and whether the button is held, is settled now. */
export function spokenTo(state: State): State {
  const ringing = state.call.at === "ringing" ? state.call.incoming.id : null;
  const { lastCaller, buttonDown } = state;
  return { ...state, listening: true, heldThrough: buttonDown, whenSpoken: { ringing, lastCaller } };
}

/** Nobody calls, speaks, is asked, listens to a message or leaves one. */
export function isAtRest({ call, listening, dialog, inbox, recorder }: State): boolean {
  const isRecording = recorder.current !== null || recorder.playing !== null;
  return call.at === "idle" && !listening && dialog.question === null && inbox.at === "idle" && !isRecording;
}
