import type { AccountId } from "../gate/book.ts";
import type { EnvelopeId } from "../gate/pass.ts";

/** Names one message: senders choose the ids, so the id alone does not. */
export type MessageRef = Readonly<{ id: EnvelopeId; from: AccountId }>;

/** `requests`: what the gate holds out of sight, played only where the owner asks for just that. */
export type Pile = "messages" | "requests";

/**
 * How the owner listens through messages. `turn` names each playing: it goes up by one with every one, so that a late
 * report speaks of nothing. `rest`: what the owner asked for as well, in order.
 */
export type Inbox = Readonly<
  | { at: "idle"; turn: number }
  /** `before`: what was played last, for as long as whoever speaks up must have meant that. */
  | {
      at: "playing";
      turn: number;
      pile: Pile;
      current: MessageRef;
      rest: readonly MessageRef[];
      before: MessageRef | null;
    }
  /** One is over, the next begins in a moment. `unheard`: only then does it count as heard. */
  | { at: "between"; turn: number; pile: Pile; current: MessageRef; rest: readonly MessageRef[]; unheard: boolean }
  /** Nothing sounds; "repeat", "next" and "delete it" still mean something. `current` null: it is gone. */
  | { at: "paused"; turn: number; pile: Pile; current: MessageRef | null; rest: readonly MessageRef[] }
>;

export type InboxEvent =
  | Readonly<{ type: "asked"; pile: Pile; messages: readonly MessageRef[] }>
  | Readonly<{ type: "next" | "repeat" | "stop" }>
  /** The playing of this turn is over. `whole` null: it is, or the wake word ended it, which is about to be told. */
  | Readonly<{ type: "over"; turn: number; whole: true | null }>
  /** There was nothing in it to be played. */
  | Readonly<{ type: "unplayable"; turn: number }>
  /** The gate does not let this one in now, or it is there no more. */
  | Readonly<{ type: "refused" }>
  /** The wake word, a ring, the mute switch, a press. */
  | Readonly<{ type: "interrupted" }>
  /** The current one was deleted, put away or turned away by a changed book; or brought back. */
  | Readonly<{ type: "taken-away" }>
  | Readonly<{ type: "brought-back"; message: MessageRef }>
  | Readonly<{ type: "timer"; name: InboxTimer }>;

/** `between`: the pause after each message · `attention`: so long "delete it" has a meaning, and so long it may play. */
export type InboxTimer = "between" | "attention";

export type InboxOutput =
  /** Only if the gate lets it in now: else `refused` comes back. */
  | Readonly<{ type: "play"; message: MessageRef; turn: number; pile: Pile }>
  | Readonly<{ type: "stop"; turn: number }>
  | Readonly<{ type: "heard"; message: MessageRef }>
  | Readonly<{ type: "tell"; what: "no-more" | "was-last" | "unplayable" }>
  | Readonly<{ type: "start-timer"; name: InboxTimer; afterMs: number }>
  | Readonly<{ type: "stop-timer"; name: InboxTimer }>;
export type InboxStep = readonly [Inbox, readonly InboxOutput[]];

/** Something recorded for one person that was neither sent nor discarded. Its sound lies elsewhere. */
export type Draft = Readonly<{ id: string; person: string; to: AccountId; durationMs: number }>;

/**
 * The owner's own recordings. `count` names each. `current`: being recorded now, or about to be handed over.
 * `drafts`: newest last. `playing`: the draft that is played back, and the name of that playing. `due`: the newest one
 * was not asked about yet.
 */
export type Recorder = Readonly<{
  count: number;
  current: Draft | null;
  drafts: readonly Draft[];
  playing: Readonly<{ draft: string; turn: number }> | null;
  due: boolean;
}>;

export type RecorderEvent =
  | Readonly<{ type: "record"; person: string; to: AccountId }>
  /** The wake word, a ring, the mute switch, a press: what was recorded so far is kept. */
  | Readonly<{ type: "interrupted" }>
  | Readonly<{ type: "recorded"; id: string; durationMs: number; why: "deaf" | "other" }>
  | Readonly<{ type: "audio-died" }>
  | Readonly<{ type: "play" | "discard"; draft: string }>
  | Readonly<{ type: "played"; turn: number }>
  | Readonly<{ type: "sent"; draft: string; ok: boolean }>
  /** The question is on its way, or will not be asked. */
  | Readonly<{ type: "asked" }>;

export type RecorderOutput =
  | Readonly<{ type: "record"; id: string }>
  | Readonly<{ type: "stop-recording"; id: string; keep: boolean }>
  | Readonly<{ type: "play-draft"; draft: string; turn: number }>
  | Readonly<{ type: "stop-draft"; turn: number }>
  | Readonly<{ type: "discard-draft"; draft: string }>
  | Readonly<{ type: "tell"; what: "heard-nothing" | "recording-lost" | "kept" | "sent" | "not-sent"; draft: Draft }>;
export type RecorderStep = readonly [Recorder, readonly RecorderOutput[]];
