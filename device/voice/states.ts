import type { AccountId, Block, Book, Grant, Person, QuietHours } from "../gate/book.ts";
import type { Draft, MessageRef } from "../inbox/states.ts";
import type { Intent } from "./phrases.ts";
import type { Sentence } from "./say.ts";

/** What is going on around the dialog, as it is at each input. */
export type Situation = Readonly<{
  /** Null where it cannot be read. */
  book: Book | null;
  /** A leg that is being joined counts as talking. `elsewhere`: there is a call, of another owner of this unit. */
  call: Readonly<{ at: "idle" | "elsewhere" }> | Readonly<{ at: "calling" | "ringing" | "talking"; peer: AccountId }>;
  /** Who came in last through the gate; null: nobody yet. */
  lastCaller: AccountId | null;
  /** Whose calls the gate let be listed and the owner has not heard of, newest first. */
  missed: readonly AccountId[];
  /** Messages are listened to, or were a moment ago. Which one: null where it is gone, and "delete it" means nothing. */
  isListening: boolean;
  message: MessageRef | null;
  /** The owner's own messages: whether one is being recorded, and the newest that was neither sent nor discarded. */
  recording: boolean;
  draft: Draft | null;
  /** No more can be recorded before one of them is sent or discarded. */
  draftsFull: boolean;
  /** Whom the owner called last, if nobody answered. */
  unanswered: AccountId | null;
  /** Whom the owner called last. */
  lastCalled: AccountId | null;
  /** Wall-clock milliseconds, and what the wall's clock shows. */
  atMs: number;
  minuteOfDay: number;
  voice: VoiceSettings;
  pin: PinStanding;
}>;

/** Does loosening need a PIN beside the button, and may one be entered now? */
export type PinStanding = Readonly<{ at: "none" | "open" | "unreadable" } | { at: "resting"; leftMs: number }>;

/** How the unit speaks and listens. */
export type VoiceSettings = Readonly<{
  /** 1 to 10. */
  volume: number;
  wordsPerMinute: number;
  /** So much silence ends what was said. */
  waitMs: number;
}>;

/** A situation with its book at hand. */
export type Known = Situation & Readonly<{ book: Book }>;

export type DialogInput =
  /** `text` null: not recognised; `spoke` false: nobody spoke. `buttonHeld`: all through the utterance. */
  | Readonly<{
      type: "heard";
      text: string | null;
      score: number;
      spoke: boolean;
      buttonHeld: boolean;
      alike?: readonly Alike[] | undefined;
      /** By how many nats any other name fits worse; null where that is beyond doubt. */
      nameMargin?: number | null | undefined;
    }>
  /** A short press of the unit's button. */
  | Readonly<{ type: "pressed" }>
  /** The button was held down, after the unit had asked for that. */
  | Readonly<{ type: "held" }>
  | Readonly<{ type: "timer"; timer: DialogTimer }>
  /** What a `check-pin` for this very wish came to. `restMs`: before none may be entered again; null: it cannot be read. */
  | Readonly<{ type: "pin-checked"; wish: Wish; right: boolean; wrongBefore: number; restMs: number | null }>
  /** Something was recorded, or played back: what shall become of it? */
  | Readonly<{ type: "draft-waits" }>;
export type DialogTimer = "undo" | "answer" | "hold" | "digit" | "pin-rest";

/** Words that the recogniser cannot tell from one that it heard (`same`), or easily takes for it (`close`). */
export type Alike = Readonly<{ word: string; same: readonly string[]; close: readonly string[] }>;

/** What the owner wants done. A block also ends what rings or talks with whom it covers: their pass is gone with it. */
export type Order =
  | Readonly<{ type: "call"; person: Person["id"] }>
  | Readonly<{
      type: "answer" | "ignore" | "hang-up" | "calling-off" | "calling-on" | "undo-calling-off" | "mark-heard";
    }>
  | Readonly<{ type: "block" | "undo-block"; block: Block }>
  | Readonly<{ type: "unblock" | "delete-person"; person: Person["id"] }>
  | Readonly<{ type: "grant" | "revoke"; person: Person["id"]; grants: readonly Grant[] }>
  | Readonly<{ type: "rename"; person: Person["id"]; alias: string }>
  | Readonly<{ type: "quiet" | "undo-quiet"; window: QuietHours }>
  /** Ends what is quiet for a time, and what is quiet all day. */
  | Readonly<{ type: "quiet-off" }>
  /** As it was dictated: digits, with a plus before them or not. */
  | Readonly<{ type: "call-number"; digits: string }>
  | Readonly<{ type: "tell-changes" | "tell-why" }>
  | Readonly<{ type: "set-voice"; voice: VoiceSettings }>
  | MessageOrder;

export type MessageOrder =
  | Readonly<{ type: "record"; person: Person["id"]; to: AccountId }>
  | Readonly<{ type: "send-draft" | "play-draft" | "discard-draft"; draft: Draft["id"] }>
  | Readonly<{ type: "discard-recording" | "count-messages" | "count-requests" | "play-requests" }>
  /** Null: the new ones of everybody. */
  | Readonly<{ type: "play-messages"; from: Person["id"] | null }>
  | Readonly<{ type: "next" | "repeat" | "stop" }>
  | Readonly<{ type: "save" | "evidence" | "delete" | "undo-delete"; message: MessageRef }>
  | Readonly<{ type: "delete-all"; from: Person["id"] }>;

/**
 * In this order. `listen`: for one answer without a wake word, once everything was said; to nothing but `answers`,
 * where there are any. A started timer replaces its own.
 */
export type DialogOutput =
  | Readonly<{ type: "do"; order: Order }>
  | Readonly<{ type: "say"; sentence: Sentence }>
  | Readonly<{ type: "sorry" }>
  | Readonly<{ type: "earcon"; earcon: Earcon }>
  /** Comes back as `pin-checked`, with the same wish. */
  | Readonly<{ type: "check-pin"; digits: string; wish: Wish }>
  | Readonly<{ type: "listen"; patienceMs: number; answers?: Answers }>
  | Readonly<{ type: "start-timer"; timer: DialogTimer; afterMs: number }>
  | Readonly<{ type: "stop-timer"; timer: DialogTimer }>;
/** A press that counted; what was done, or taken; what was not. */
export type Earcon = "click" | "done" | "refused";
/** Digits, or which of these people. */
export type Answers = Readonly<{ type: "number" } | { type: "choice"; names: readonly string[] }>;

export type NamedAct =
  | "call"
  | "block"
  | "unblock"
  | "message"
  | "messages-from"
  | "delete-all"
  | "delete-person"
  | "rename"
  | "allow"
  | "allow-message"
  | "message-only"
  | "is-blocked"
  | "quiet-but";
export type Choice = Readonly<{ person: Person["id"]; name: string }>;
/** A yes takes `asked`; a no goes on to `rest`. */
export type Question = PersonQuestion | SendQuestion | NumberQuestion;
export type PersonQuestion = Readonly<{
  act: NamedAct;
  asked: Choice;
  rest: readonly Choice[];
  /** Everybody of that name was offered: then an ordinal or a name may answer. */
  offered: readonly Choice[];
  repeated: boolean;
  /** What they are to be called, for `rename`. */
  kin: string | null;
}>;
/** Shall it be sent, to whom it was recorded for? Only a yes sends it. */
export type SendQuestion = Readonly<{ act: "send"; asked: Choice; draft: Draft; repeated: boolean }>;
/** Which number? Then, `digits` read back: shall it be called? */
export type NumberQuestion = Readonly<{ act: "number"; digits: string | null; repeated: boolean }>;
/** What a press takes back. `name` is whose block it was, where they have one. */
export type Undo =
  | Readonly<{ type: "block"; block: Block; name: string | null }>
  | Readonly<{ type: "calling-off" }>
  | Readonly<{ type: "quiet"; window: QuietHours }>
  | Readonly<{ type: "grants"; people: readonly Person["id"][]; grants: readonly Grant[] }>
  | Readonly<{ type: "delete"; message: MessageRef }>;
/** What is done once the button is held, or the PIN entered, and not before. */
export type Wish = Readonly<{ act: NamedAct; person: Person["id"] } | { intent: Intent }>;

/** How far the PIN for a wish was entered; `wrong`: how often something else was. */
export type PinEntry = Readonly<
  { at: "entering"; digits: string; presses: number; wrong: number } | { at: "checking" | "resting"; wrong: number }
>;

export type Dialog = Readonly<{
  question: Question | null;
  undo: Undo | null;
  wish: Wish | null;
  /** Null where there is no wish, or it needs no PIN. */
  pin: PinEntry | null;
  /** The name that was said last, and whom something was done with by it; null where that is still asked. */
  recent: Recent | null;
}>;
export type Recent = Readonly<{ act: NamedAct; name: string; person: Person["id"] | null }>;
export type DialogStep = readonly [Dialog, readonly DialogOutput[]];
