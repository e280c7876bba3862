import type { AccountId, Block, Book, Person } from "../gate/book.ts";
import type { Draft, MessageRef } from "../inbox/states.ts";
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
}>;

/** A situation with its book at hand. */
export type Known = Situation & Readonly<{ book: Book }>;

export type DialogInput =
  /** `text` null: not recognised; `spoke` false: nobody spoke. `buttonHeld`: all through the utterance. */
  | Readonly<{ type: "heard"; text: string | null; score: number; spoke: boolean; buttonHeld: boolean }>
  /** A short press of the unit's button. */
  | Readonly<{ type: "pressed" }>
  | Readonly<{ type: "timer"; timer: DialogTimer }>
  /** Something was recorded, or played back: what shall become of it? */
  | Readonly<{ type: "draft-waits" }>;
export type DialogTimer = "undo" | "answer";

/** What the owner wants done. A block also ends what rings or talks with whom it covers: their pass is gone with it. */
export type Order =
  | Readonly<{ type: "call"; person: Person["id"] }>
  | Readonly<{
      type: "answer" | "ignore" | "hang-up" | "calling-off" | "calling-on" | "undo-calling-off" | "mark-heard";
    }>
  | Readonly<{ type: "block" | "undo-block"; block: Block }>
  | Readonly<{ type: "unblock"; person: Person["id"] }>
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

/** In this order. `listen`: for one answer without a wake word, once everything was said. A started timer replaces its own. */
export type DialogOutput =
  | Readonly<{ type: "do"; order: Order }>
  | Readonly<{ type: "say"; sentence: Sentence }>
  | Readonly<{ type: "sorry" }>
  | Readonly<{ type: "listen"; patienceMs: number }>
  | Readonly<{ type: "start-timer"; timer: DialogTimer; afterMs: number }>
  | Readonly<{ type: "stop-timer"; timer: DialogTimer }>;

export type NamedAct = "call" | "block" | "unblock" | "message" | "messages-from" | "delete-all";
export type Choice = Readonly<{ person: Person["id"]; name: string }>;
/** A yes takes `asked`; a no goes on to `rest`. */
export type Question = PersonQuestion | SendQuestion;
export type PersonQuestion = Readonly<{ act: NamedAct; asked: Choice; rest: readonly Choice[]; repeated: boolean }>;
/** Shall it be sent, to whom it was recorded for? Only a yes sends it. */
export type SendQuestion = Readonly<{ act: "send"; asked: Choice; draft: Draft; repeated: boolean }>;
/** What a press takes back. `name` is whose block it was, where they have one. */
export type Undo =
  | Readonly<{ type: "block"; block: Block; name: string | null }>
  | Readonly<{ type: "calling-off" }>
  | Readonly<{ type: "delete"; message: MessageRef }>;

export type Dialog = Readonly<{ question: Question | null; undo: Undo | null }>;
export type DialogStep = readonly [Dialog, readonly DialogOutput[]];
