import type { Report } from "#audio/protocol.ts";
import type { ButtonChange } from "#hal/hal.ts";
import type { GuestScene, OwnScene } from "./call/lights.ts";
import type { CallTimer, GuestCallEffect, OwnCallEffect, SilentCallEffect } from "./call/states.ts";
import type { AccountId, Book } from "./gate/book.ts";
import type { DropReason, Verdict } from "./gate/decide.ts";
import type { EnvelopeId, Pass } from "./gate/pass.ts";
import type { Draft, InboxTimer, MessageRef, Pile } from "./inbox/states.ts";
import type { ResidentId } from "./state.ts";
import type { BookChange } from "./store/change.ts";
import type { Kept } from "./store/inbox.ts";
import type { Forgotten } from "./store/journal.ts";
import type { JournalLine } from "./store/journal-line.ts";
import type { Answers, DialogInput, DialogOutput, DialogTimer, Earcon, VoiceSettings } from "./voice/states.ts";
import type { Envelope } from "./wire/envelope.ts";
import type { Parcel } from "./wire/parcel.ts";

/** Everything that can happen to the brain. All of it goes through one `dispatch`. */
export type Event =
  /** An envelope that could be opened. `fresh`: neither expired nor sent before this unit started. */
  | Readonly<{ type: "envelope"; envelope: Envelope; replayed: boolean; fresh: boolean }>
  /** A parcel that could be opened. `fresh`: it has not expired. A part without a receipt is nobody's to settle. */
  | Readonly<{ type: "message-part"; parcel: Parcel; replayed: boolean; fresh: boolean; receipt: number | null }>
  /** A parcel that was not opened, because the gate would drop whatever this sender leaves. */
  | Readonly<{ type: "message-turned-away"; from: AccountId; because: DropReason; receipt: number | null }>
  /** What became of a part that the gate let be kept, by `pass`, for `because`; `detail`: the kind of the message. */
  | Readonly<{
      type: "message-kept";
      pass: Pass;
      id: EnvelopeId;
      from: AccountId;
      kept: Kept;
      act: Verdict["act"];
      because: Verdict["because"];
      detail: string;
    }>
  /** What the owner sent could not leave in all the time that a message lives. */
  | Readonly<{ type: "message-lost"; to: AccountId }>
  | Readonly<{ type: "report"; report: Report }>
  | Readonly<{ type: "ears-died" }>
  /** `failing`: they die again and again; else they have lived on. */
  | Readonly<{ type: "ears-health"; failing: boolean }>
  | Readonly<{ type: "button"; change: ButtonChange }>
  | Readonly<{ type: "mute"; engaged: boolean }>
  | Readonly<{ type: "timer"; name: TimerName }>
  /** The owner's way by the local control socket. */
  | Readonly<{ type: "owner"; order: "answer" | "hang-up" }>
  /** The owner calls; `id` names the call, its leg and its offer. */
  | Readonly<{ type: "placed"; id: EnvelopeId; peer: AccountId }>
  | Readonly<{ type: "offer-sealed"; id: EnvelopeId; hash: string }>
  | Readonly<{ type: "renewal-sealed"; id: EnvelopeId; round: number; hash: string }>
  /** The hub cannot be reached, so the offer never left. */
  | Readonly<{ type: "offer-lost"; id: EnvelopeId }>
  /** A change counts. */
  | Readonly<{ type: "book-changed"; book: Book; saving: Saving }>
  /** The disk was asked to keep it. `unsaved`: it refused. */
  | Readonly<{ type: "book-saved"; unsaved: boolean; saving: Confirming }>
  | Readonly<{ type: "book-refused" }>
  | Extract<DialogInput, { type: "pin-checked" }>
  /** By the control socket. `looser`: there was another PIN, or there is none any more. */
  | Readonly<{ type: "pin-set"; looser: boolean }>
  /** By the control socket: how the unit is to speak and listen. */
  | Readonly<{ type: "voice-set"; voice: VoiceSettings }>
  /** A word is taught, by the control socket: say this, then record it. */
  | Readonly<{ type: "take-asked"; id: string; say: "first" | "next" | "again" }>
  | Readonly<{ type: "word-taught"; taught: boolean }>
  /** The owner saw the list of their calls. */
  | Readonly<{ type: "calls-heard-of" }>
  /** The owner wants these played, by the control socket. */
  | Readonly<{ type: "play-asked"; pile: Pile; messages: readonly MessageRef[] }>
  /** Something came into the inbox, left it, or was heard. */
  | Readonly<{ type: "inbox-changed" }>
  /** What was done to messages as the owner wanted. `refused`: not to all of them. `aloud`: it is told how many. */
  | Readonly<{
      type: "messages-dealt-with";
      what: "saved" | "evidence" | "deleted";
      done: readonly MessageRef[];
      refused: boolean;
      aloud: boolean;
    }>
  /** A message could not be played: there is no sound of it. */
  | Readonly<{ type: "unplayable"; turn: number }>
  /** A draft lies in the outbox, durably; or, `ok` false, it is a draft still. */
  | Readonly<{ type: "draft-sent"; draft: Draft["id"]; ok: boolean }>;

/** What follows once a change is on the disk. */
export type Saving = Readonly<{
  /** What the journal tells of it. */
  lines: readonly Omit<JournalLine, "atMs">[];
  /** Whom journal, list of calls, inbox and outbox are to forget. */
  forget: Readonly<{ whom: Forgotten; accounts: readonly AccountId[] }> | null;
}> &
  Confirming;

/** `afterwards`: what the dialog wanted done or said. */
type Confirming = Readonly<{ by: By; afterwards: readonly DialogOutput[] }>;

/** `held`: the button is down still. */
export type TimerName = CallTimer | DialogTimer | InboxTimer | "held";
export type By = "voice" | "button" | "cli";

/** What the owner caused, or what only silences: nothing in these takes sound, words or SDP from outside. */
export type OwnEffect =
  | OwnCallEffect
  | Readonly<{ type: "say"; sentence: string }>
  | Readonly<{ type: "tone"; tone: "chirp" | "sorry" | Earcon }>
  | Extract<DialogOutput, { type: "check-pin" }>
  | Readonly<{ type: "listen"; patienceMs: number; answers?: Answers }>
  | Readonly<{ type: "set-mute"; engaged: boolean }>
  | Readonly<{ type: "take"; id: string }>
  | Readonly<{ type: "set-grammar"; anew: boolean }>
  /** `keep`: it is new. */
  | Readonly<{ type: "set-voice"; voice: VoiceSettings; keep: boolean }>
  | Readonly<{ type: "start-dialog-timer"; name: DialogTimer | InboxTimer | "held"; afterMs: number }>
  | Readonly<{ type: "stop-dialog-timer"; name: DialogTimer | InboxTimer | "held" }>
  | Readonly<{ type: "place"; peer: AccountId }>
  /** `afterwards` waits until the change is durable. */
  | Readonly<{ type: "change-book"; change: BookChange; by: By; afterwards: readonly DialogOutput[] }>
  | Readonly<{ type: "save-book"; saving: Saving }>
  /** So often something was made less strict since the owner was last told. */
  | Readonly<{ type: "keep-loosened"; count: number }>
  | Readonly<{ type: "mark-heard" }>
  | Readonly<{ type: "journal"; line: Omit<JournalLine, "atMs"> }>
  | Readonly<{ type: "remember"; envelope: Envelope }>
  /** The hub need not deliver this again. */
  | Readonly<{ type: "settle"; receipt: number | null }>
  | Readonly<{ type: "show"; scene: OwnScene }>
  | OwnMessageEffect;

/** The owner's own recordings, and what is done with messages once they were let in. */
export type OwnMessageEffect =
  | Readonly<{ type: "record"; draft: Draft["id"] }>
  | Readonly<{ type: "stop-recording"; draft: Draft["id"]; keep: boolean }>
  | Readonly<{ type: "keep-part"; part: Extract<Report, { type: "recording-part" }> }>
  | Readonly<{ type: "play-draft"; draft: Draft; turn: number }>
  | Readonly<{ type: "stop-draft"; turn: number }>
  | Readonly<{ type: "discard-draft"; draft: Draft["id"] }>
  | Readonly<{ type: "send-draft"; draft: Draft }>
  | Readonly<{ type: "stop-message"; turn: number }>
  | Readonly<{ type: "mark-heard-message"; message: MessageRef }>
  /** What became of it, comes back. */
  | Readonly<{ type: "save-message"; message: MessageRef }>
  | Readonly<{ type: "remove-messages"; messages: readonly MessageRef[]; aloud: boolean }>
  | Readonly<{ type: "keep-as-evidence"; message: MessageRef }>;

/** What somebody outside caused: each carries the gate's pass, and is refused where the gate would not honour it now. */
export type GuestEffect =
  | GuestCallEffect
  /** Said who and when, then played, or read out where it is a text. `request`: what the gate holds out of sight. */
  | Readonly<{ type: "play-message" | "play-request"; pass: Pass; id: EnvelopeId; from: AccountId; turn: number }>
  | Readonly<{ type: "list-request"; pass: Pass; id: EnvelopeId; peer: AccountId }>
  /** Where it is kept, the pass says. `act`, `because`: why, for the journal. */
  | Readonly<{
      type: "keep-message";
      pass: Pass;
      id: EnvelopeId;
      parcel: Parcel;
      receipt: number | null;
      act: Verdict["act"];
      because: Verdict["because"];
    }>
  /** A message was let in that the disk did not take. */
  | Readonly<{ type: "tell-not-saved"; pass: Pass; id: EnvelopeId }>
  | Readonly<{ type: "show-guest"; pass: Pass; id: EnvelopeId; scene: GuestScene }>;

/** `resident`: whose it is, where it is not whose event it follows from. */
export type Effect = (OwnEffect | GuestEffect) & Readonly<{ resident?: ResidentId }>;

/** An event that somebody outside brings about, alone and whenever they like. */
export type OutsideEvent = Extract<
  Event,
  { type: "envelope" | "message-part" | "message-turned-away" | "message-kept" }
>;

/**
 * All that such an event may cause. What is heard, seen or listed is not among it but with a pass; nor is any effect of
 * the owner's own, nor what is added to those, unless it stands here: for it reaches neither the owner nor the sender.
 */
export type OutsideEffect =
  | GuestEffect
  | SilentCallEffect
  | Extract<OwnEffect, { type: "journal" | "remember" | "settle" }>;
