import type { AccountId, Block, Book, Person } from "../gate/book.ts";
import type { Sentence } from "./say.ts";

/** What is going on around the dialog, as it is at each input. */
export type Situation = Readonly<{
  /** Null where it cannot be read. */
  book: Book | null;
  /** A leg that is being joined counts as talking. */
  call: Readonly<{ at: "idle" }> | Readonly<{ at: "calling" | "ringing" | "talking"; peer: AccountId }>;
  /** Who came in last through the gate; null: nobody yet. */
  lastCaller: AccountId | null;
  /** Whose calls the gate let be listed and the owner has not heard of, newest first. */
  missed: readonly AccountId[];
}>;

/** A situation with its book at hand. */
export type Known = Situation & Readonly<{ book: Book }>;

export type DialogInput =
  /** `text` null: not recognised; `spoke` false: nobody spoke. `buttonHeld`: all through the utterance. */
  | Readonly<{ type: "heard"; text: string | null; score: number; spoke: boolean; buttonHeld: boolean }>
  /** A short press of the unit's button. */
  | Readonly<{ type: "pressed" }>
  | Readonly<{ type: "timer"; timer: DialogTimer }>;
export type DialogTimer = "undo" | "answer";

/** What the owner wants done. A block also ends what rings or talks with whom it covers: their pass is gone with it. */
export type Order =
  | Readonly<{ type: "call"; person: Person["id"] }>
  | Readonly<{
      type: "answer" | "ignore" | "hang-up" | "calling-off" | "calling-on" | "undo-calling-off" | "mark-heard";
    }>
  | Readonly<{ type: "block" | "undo-block"; block: Block }>
  | Readonly<{ type: "unblock"; person: Person["id"] }>;

/** In this order. `listen`: for one answer without a wake word, once everything was said. A started timer replaces its own. */
export type DialogOutput =
  | Readonly<{ type: "do"; order: Order }>
  | Readonly<{ type: "say"; sentence: Sentence }>
  | Readonly<{ type: "sorry" }>
  | Readonly<{ type: "listen"; patienceMs: number }>
  | Readonly<{ type: "start-timer"; timer: DialogTimer; afterMs: number }>
  | Readonly<{ type: "stop-timer"; timer: DialogTimer }>;

export type NamedAct = "call" | "block" | "unblock";
export type Choice = Readonly<{ person: Person["id"]; name: string }>;
/** A yes takes `asked`; a no goes on to `rest`. */
export type Question = Readonly<{ act: NamedAct; asked: Choice; rest: readonly Choice[]; repeated: boolean }>;
/** What a press takes back. `name` is whose block it was, where they have one. */
export type Undo = Readonly<{ type: "block"; block: Block; name: string | null }> | Readonly<{ type: "calling-off" }>;

export type Dialog = Readonly<{ question: Question | null; undo: Undo | null }>;
export type DialogStep = readonly [Dialog, readonly DialogOutput[]];
