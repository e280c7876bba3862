import type { IceServer } from "#audio/protocol.ts";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { AccountId } from "../keys/account.ts";
import type { Certificate } from "../keys/certificate.ts";
import type { DayKey } from "../keys/day-keys.ts";
import type { Keystore } from "../keys/keystore.ts";
import type { DayKeyStore } from "../store/day-keys.ts";
import type { Frame } from "../wire/frame.ts";
import type { EnvelopeClass } from "../wire/topics.ts";

/** Where a hub is. `name` is what tokens are made out to; it comes from the unit's own configuration, never from the hub. */
export type HubAddress = Readonly<{ name: string; httpUrl: string; mqttUrl: string }>;

/** A sealed envelope as it came. `sender` is what the hub says: it may only turn the envelope away. */
export type Delivery = Readonly<{ sender: AccountId; class: EnvelopeClass; bytes: Uint8Array }>;

export type LinkState = "up" | "down";

export type PublishResult =
  | Readonly<{ ok: true }>
  /** `refused`: the hub would not take it from us (too many); `timed-out`: no hub accepted it in time. */
  | Readonly<{ ok: false; reason: "refused" | "timed-out" | "too-long" | "closed" }>;

export type CertificateLookup =
  | Readonly<{ ok: true; certificate: Certificate }>
  /** `revoked`: the hub showed a certificate older than one we have seen; `bad-answer`: it showed none that holds. */
  | Readonly<{ ok: false; reason: "unknown" | "unreachable" | "bad-answer" | "revoked" }>;

export type DayKeyLookup =
  | Readonly<{ ok: true; key: DayKey }>
  /** `none`: published none for today; `bad-answer`: what the hub showed is not theirs, not today's, or was ours before. */
  | Readonly<{ ok: false; reason: "none" | "unreachable" | "bad-answer" }>;

export type EnrolResult =
  | Readonly<{ ok: true }>
  | Readonly<{ ok: false; reason: "bad-invitation" | "unreachable" | "refused" }>;

/** The highest certificate `seq` seen, per account; the caller keeps it. */
interface SeqMemory {
  get(account: AccountId): number | undefined;
  set(account: AccountId, seq: number): void;
}

export type LinkOptions = Readonly<{
  hub: HubAddress;
  keystore: Keystore;
  clock: Clock;
  log: Log;
  seqs: SeqMemory;
  /** Where our day keys are kept; without it none is uploaded. */
  dayKeys?: DayKeyStore;
  /** Called once a delivery; the broker has its acknowledgement already, whatever becomes of the envelope. */
  onEnvelope: (delivery: Delivery) => void;
  onState: (state: LinkState) => void;
  /** In [0, 1): spreads reconnections. */
  chance?: () => number;
}>;

/** The unit's side of the hub. It sends nothing on receipt of an envelope but MQTT's PUBACK. */
export interface Link extends AsyncDisposable {
  readonly state: LinkState;
  /**
   * Resolves when the hub accepted the frame, or when `patienceMs` (60 s at most and by default) is over. While the
   * link is down the frame waits; what was sent but not accepted is sent again after a reconnection.
   */
  publish(frame: Frame, patienceMs?: number): Promise<PublishResult>;
  /** From the cache while it is fresh, else asked of the hub. Only for people the owner calls or has in the book. */
  certificateOf(account: AccountId): Promise<CertificateLookup>;
  /**
   * A key of today's for one message to them. Asked of the hub each time; one that is not used is lost, so ask when
   * there is something to seal.
   */
  dayKeyOf(account: AccountId): Promise<DayKeyLookup>;
  /** Refreshed on a timer, never because of an offer; kept while the hub is gone, until they expire; may be empty. */
  turn(): IceServer[];
  enrol(invitation: string): Promise<EnrolResult>;
}
