import type { AccountId } from "../gate/book.ts";
import type { EnvelopeId, Pass } from "../gate/pass.ts";

/** What one side of a leg says of itself: relay-only SDP, and the fingerprint that stands in the signed envelope. */
export type Side = Readonly<{ sdp: string; fingerprint: string }>;

/** An offer that the gate let ring. */
export type Incoming = Readonly<{ id: EnvelopeId; peer: AccountId; hash: string; side: Side; pass: Pass }>;

/** A call, and its WebRTC leg, is named by the envelope of its offer, on both sides. */
export type Call =
  | Readonly<{ at: "idle" }>
  /** We called; the callee's unit may be off for all we know. `hash` is null until the offer is sealed. */
  | Readonly<{ at: "calling"; id: EnvelopeId; peer: AccountId; hash: string | null; rival: Incoming | null }>
  /** They call; nothing of their SDP has left this process. */
  | Readonly<{ at: "ringing"; incoming: Incoming }>
  /** The owner accepted here; our answer is being made, then DTLS is on its way. `told`: the caller knows. */
  | Readonly<{ at: "answering"; id: EnvelopeId; peer: AccountId; pass: Pass; hash: string; told: boolean }>
  /** The callee accepted there; DTLS is on its way. */
  | Readonly<{ at: "joining"; id: EnvelopeId; peer: AccountId; pass: Pass }>
  | Talking;

export type Talking = Readonly<{
  at: "talking";
  id: EnvelopeId;
  peer: AccountId;
  pass: Pass;
  /** We placed it: then we renew its path, and the other side answers. So no two renewals ever cross. */
  placed: boolean;
  /** Nothing comes from the far end. */
  silent: boolean;
  /** Our newest renewal, or theirs that we took last. `hash` is null until ours is sealed. */
  renewal: Readonly<{ round: number; hash: string | null }>;
  /** Theirs was taken a moment ago: of those that come meanwhile, the newest waits. */
  resting: boolean;
  waiting: Renewal | null;
}>;

/** New candidates of whoever placed the call. `hash` names the envelope in our answer. */
export type Renewal = Readonly<{ round: number; hash: string; side: Side }>;

/** From the other side, through the gate. */
export type OutsideCallEvent =
  | Readonly<{ type: "offered"; incoming: Incoming }>
  | Readonly<{ type: "accepted"; id: EnvelopeId; side: Side; pass: Pass }>
  | Readonly<{ type: "ended"; id: EnvelopeId; peer: AccountId }>
  | Readonly<{ type: "renewal"; id: EnvelopeId; renewal: Renewal }>
  | Readonly<{ type: "renewed"; id: EnvelopeId; side: Side }>;

/** Every input there is. */
export type CallEvent =
  /** The owner's doing. */
  | Readonly<{ type: "placed"; id: EnvelopeId; peer: AccountId }>
  | Readonly<{ type: "answered" | "ignored" | "hung-up" }>
  /** Our own leg. */
  | Readonly<{ type: "leg-offer" | "leg-answer"; id: EnvelopeId; side: Side }>
  | Readonly<{ type: "leg-connected" | "leg-failed" | "leg-silent" | "leg-alive"; id: EnvelopeId }>
  | Readonly<{ type: "leg-renewal" | "leg-renewed"; id: EnvelopeId; round: number; side: Side }>
  | Readonly<{ type: "offer-sealed"; id: EnvelopeId; hash: string }>
  | Readonly<{ type: "renewal-sealed"; id: EnvelopeId; round: number; hash: string }>
  | OutsideCallEvent
  /** The book changed, and the gate was asked again about whoever is on the line. */
  | Readonly<{ type: "pass-renewed"; id: EnvelopeId; pass: Pass }>
  | Readonly<{ type: "pass-revoked"; id: EnvelopeId }>
  | Readonly<{ type: "timer"; name: CallTimer }>
  | Readonly<{ type: "audio-died" | "audio-ready" }>
  /** Say again who rings. */
  | Readonly<{ type: "announce" }>;

/**
 * `ring-back`: nobody answered · `ring`: we rang long enough · `rival`: both called at once · `join`: DTLS too slow ·
 * `renew`: nothing comes still · `lost`: nothing came for so long that the call is over · `rest`: see Talking ·
 * `ignored`: see State.
 */
export type CallTimer = "ring-back" | "ring" | "rival" | "join" | "renew" | "lost" | "rest" | "ignored";

/** What reaches nobody: it is not heard, not seen, not listed and not sent. */
export type SilentCallEffect =
  | Readonly<{ type: "close-leg"; id: EnvelopeId }>
  | Readonly<{ type: "stop-ring-back" | "stop-ring" }>
  | Readonly<{ type: "start-timer" | "stop-timer"; name: CallTimer }>;

/** What the owner's own doing causes, or what only silences. Nothing in these takes sound, words or SDP from outside. */
export type OwnCallEffect =
  | SilentCallEffect
  | Readonly<{ type: "offer-leg"; id: EnvelopeId }>
  | Readonly<{ type: "send-offer"; id: EnvelopeId; to: AccountId; side: Side }>
  | Readonly<{ type: "renew-leg"; id: EnvelopeId; round: number }>
  | Readonly<{ type: "send-renewal"; id: EnvelopeId; to: AccountId; round: number; side: Side }>
  | Readonly<{ type: "send-end"; id: EnvelopeId; to: AccountId }>
  /** `tone-ended`: the owner hung up, or turned away whoever is on the line. */
  | Readonly<{ type: "start-ring-back" | "tone-ended" }>
  /** Of a call that the owner placed and that nobody has accepted. */
  | Readonly<{ type: "tell"; what: "no-answer" | "failed" | "apology"; peer: AccountId }>
  | Readonly<{ type: "list-own"; peer: AccountId }>;

/** What somebody outside causes: each carries the gate's pass, asked for again where the effect runs. */
export type GuestCallEffect = Readonly<{ pass: Pass; id: EnvelopeId }> &
  (
    | Readonly<{ type: "ring"; peer: AccountId }>
    | Readonly<{ type: "answer-leg" | "complete-leg"; side: Side }>
    | Readonly<{ type: "send-accept" | "send-renewed"; to: AccountId; hash: string; side: Side }>
    | Readonly<{ type: "answer-renewal" | "complete-renewal"; round: number; side: Side }>
    | Readonly<{ type: "list-guest"; peer: AccountId; kind: "missed" | "declined" | "answered" }>
    /** Whoever is on the line hung up. */
    | Readonly<{ type: "tone-ended-guest" }>
    /** The call with whoever is on the line broke off, here, there or between. */
    | Readonly<{ type: "tell-guest"; what: "lost" | "failed" | "apology"; peer: AccountId }>
  );

/** All that an event from outside may cause: without a pass it reaches nobody. */
export type OutsideCallEffect = GuestCallEffect | SilentCallEffect;

export type CallEffect = OwnCallEffect | GuestCallEffect;
export type CallStep<E extends CallEffect = CallEffect> = readonly [Call, readonly E[]];
