import type { Clock } from "#base/clock.ts";
import type { Frame16k } from "../frame.ts";
import type { IceServer, Report } from "../protocol.ts";
import { Adaptation } from "./adaptation.ts";
import { BeatPhase } from "./beat-phase.ts";
import { gatherRelays } from "./gather.ts";
import { LegSound } from "./leg-sound.ts";
import { Negotiation } from "./negotiation.ts";
import { PathWatch } from "./path-watch.ts";
import { checkRemote, fingerprintOf, type Remote } from "./remote.ts";
import { type LegDescription, readSdp, type Sending, writeSdp } from "./sdp.ts";
import { configurationFor, type PeerConnection, type Wrtc } from "./wrtc.ts";

/** From the remote description to DTLS; ICE itself gives up later. */
const CONNECT_MS = 12_000;
const LOOK_EVERY_MS = 50;
/** A leg that ends says so so many times, since packets are lost, and closes when the other end must have heard it. */
const LAST_PACKETS = 4;
const LAST_EVERY_MS = 20;
export const LINGER_MS = 500;

export type LegFailure = Extract<Report, { type: "leg-failed" }>["why"];
export type LegEvent = Readonly<
  | { type: "offer"; sdp: string; fingerprint: string }
  | { type: "answer"; sdp: string; fingerprint: string }
  | { type: "connected" }
  | { type: "sound"; atMs: number }
  /** Nothing comes any more; something does again. */
  | { type: "silent" }
  | { type: "alive" }
  /** New candidates of ours, to be answered; or our answer to theirs. */
  | { type: "renewal"; round: number; sdp: string; fingerprint: string }
  | { type: "renewed"; round: number; sdp: string; fingerprint: string }
  /** It is closed already; nothing more comes. */
  | { type: "failed"; why: LegFailure }
>;
type PeerOptions = Readonly<{
  clock: Clock;
  wrtc: Wrtc;
  iceServers: readonly IceServer[];
  onEvent: (event: LegEvent) => void;
  /** Where it is to send so all the time, for comparison; a unit begins with the best and adapts. */
  sending?: Sending;
  /** Without a channel, as a unit that knows of none: for comparison. */
  srtpOnly?: boolean;
}>;

/**
 * One WebRTC leg: relay-only, sound each way, bound to the certificate that was signed. No sound goes out or comes in
 * before that certificate was seen. Dispose ends its sound at once and closes it soon; no event comes after that.
 */
export class Peer implements Disposable {
  readonly #options: PeerOptions;
  readonly #connection: PeerConnection;
  readonly #sound: LegSound;
  readonly #negotiation: Negotiation;
  readonly #adaptation = new Adaptation();
  readonly #closing: (() => void)[] = [];
  #at: "made" | "offered" | "connecting" | "open" | "closed" = "made";
  #signedFingerprint = "";
  readonly #phase: BeatPhase;
  #heardFarEnd = false;
  #cancelTimer: () => void = () => undefined;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.#phase = new BeatPhase(options.clock);
    const { clock, wrtc, sending } = options;
    this.#connection = new wrtc.RTCPeerConnection(configurationFor(options.iceServers));
    this.#negotiation = new Negotiation({ clock, connection: this.#connection, sending });
    this.#sound = new LegSound({
      clock,
      wrtc,
      connection: this.#connection,
      onMisuse: () => this.#fail("disconnected"),
    });
    this.#closing.push(() => this.#sound[Symbol.dispose]());
    this.#connection.onconnectionstatechange = () => this.#connectionChanged();
  }

  /** Which way the other end's sound comes now. */
  get hears(): "srtp" | "channel" {
    return this.#sound.hears;
  }

  /** Makes the offer; it comes as an event. */
  async offer(): Promise<void> {
    await this.#guarded(async () => {
      if (this.#options.srtpOnly !== true) this.#sound.addChannel();
      const offer = await this.#connection.createOffer();
      await this.#connection.setLocalDescription(offer);
      const local = await this.#describe();
      if (local === null) return;
      this.#at = "offered";
      this.#options.onEvent({ type: "offer", sdp: writeSdp(local), fingerprint: local.fingerprint });
    });
  }

  /** Takes the other end's answer to our offer. */
  async complete(remote: Remote): Promise<void> {
    await this.#guarded(async () => {
      if (this.#at !== "offered") return;
      const description = this.#admit(remote, "answer");
      if (description === null) return;
      this.#connecting();
      const sdp = this.#negotiation.accept(description);
      // The channel keeps to our beat by itself.
      if (!description.takesChannel) await this.#phase.between();
      await this.#connection.setRemoteDescription({ type: "answer", sdp });
    });
  }

  /** Takes the other end's offer and makes the answer; it comes as an event. */
  async answer(remote: Remote): Promise<void> {
    await this.#guarded(async () => {
      const admitted = this.#admit(remote, "offer");
      if (admitted === null) return;
      const description = { ...admitted, takesChannel: admitted.takesChannel && this.#options.srtpOnly !== true };
      if (description.takesChannel) this.#sound.addChannel();
      await this.#connection.setRemoteDescription({ type: "offer", sdp: this.#negotiation.accept(description) });
      const answer = await this.#connection.createAnswer();
      if (!description.takesChannel) await this.#phase.between();
      await this.#connection.setLocalDescription(answer);
      const local = await this.#describe();
      if (local === null) return;
      this.#connecting();
      this.#options.onEvent({ type: "answer", sdp: writeSdp(local), fingerprint: local.fingerprint });
    });
  }

  /** Looks for new ways through the relay, and offers them as an event where there are any. */
  async renew(round: number, iceServers: readonly IceServer[]): Promise<void> {
    if (this.#at !== "open") return;
    const made = await this.#negotiation.offer(round, iceServers);
    if (made !== null) this.#tellIfOpen({ type: "renewal", round, ...made });
  }

  /** Takes the other end's new ways and answers with ours, as an event. What is not fit changes nothing. */
  async answerRenewal(round: number, remote: Remote, iceServers: readonly IceServer[]): Promise<void> {
    const description = this.#admitRenewal(remote, "offer");
    if (description === null) return;
    const made = await this.#negotiation.answer(round, description, iceServers);
    if (made !== null) this.#tellIfOpen({ type: "renewed", round, ...made });
  }

  /** Takes the other end's answer to our renewal. */
  async completeRenewal(round: number, remote: Remote): Promise<void> {
    const description = this.#admitRenewal(remote, "answer");
    if (description !== null) await this.#negotiation.complete(round, description);
  }

  /** Sends 10 ms of the microphone, or of silence for null; nothing before the leg is open. Budget 1 ms. */
  send(frame: Frame16k | null): void {
    if (this.#at !== "open") return;
    this.#sound.send(frame, this.#adaptation.isWide);
  }

  /** Writes 10 ms of the far end to `out`; false, and `out` untouched, while the leg is not open. */
  read(out: Frame16k): boolean {
    this.#phase.beat();
    if (this.#at !== "open") return false;
    this.#sound.read(out);
    // Whatever was decoded: until then there are zeros, and after noise suppression a quiet room is hardly more.
    if (!this.#heardFarEnd && out.some((sample) => sample !== 0)) {
      this.#heardFarEnd = true;
      this.#options.onEvent({ type: "sound", atMs: this.#options.clock.nowMs() });
    }
    return true;
  }

  [Symbol.dispose](): void {
    if (this.#at === "closed") return;
    this.#at = "closed";
    this.#cancelTimer();
    for (const close of this.#closing.splice(0)) close();
    if (!this.#sound.lingers) {
      this.#connection.close();
      return;
    }
    this.#sayLast(LAST_PACKETS);
    this.#options.clock.after(LINGER_MS, () => this.#connection.close());
  }

  /**
   * Nobody may send by a channel while the other end closes it: wrtc then reads what it has just freed, once in some
   * hundred calls (RTCDataChannel::Send against its state's change on another thread). So whoever leaves says so first,
   * even of a leg that has just opened, which had no time to send anything.
   */
  #sayLast(left: number): void {
    const said = left === 0 ? "needless" : this.#sound.sayLast();
    if (said === "needless") return;
    this.#options.clock.after(LAST_EVERY_MS, () => this.#sayLast(said === "said" ? left - 1 : left));
  }

  /** Runs one step of signalling; what the library throws ends the leg, not the process. */
  async #guarded(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch {
      this.#fail("internal");
    }
  }

  #fail(why: LegFailure): void {
    if (this.#at === "closed") return;
    this[Symbol.dispose]();
    this.#options.onEvent({ type: "failed", why });
  }

  /** What may touch the library of a remote description; null (and the leg has failed) where it is not fit. */
  #admit(remote: Remote, type: "offer" | "answer"): LegDescription | null {
    const checked = checkRemote(remote, type);
    if (!checked.ok) {
      this.#fail(checked.why);
      return null;
    }
    this.#signedFingerprint = remote.fingerprint;
    return checked.description;
  }

  /** As `#admit`, for a leg that is open; and it must be of the certificate that it was opened with. */
  #admitRenewal(remote: Remote, type: "offer" | "answer"): LegDescription | null {
    if (this.#at !== "open" || remote.fingerprint !== this.#signedFingerprint) return null;
    const checked = checkRemote(remote, type);
    return checked.ok ? checked.description : null;
  }

  #tellIfOpen(event: LegEvent): void {
    if (this.#at === "open") this.#options.onEvent(event);
  }

  async #describe(): Promise<LegDescription | null> {
    const found = await gatherRelays(this.#connection, this.#options.clock);
    if (this.#at === "closed") return null;
    const local = found ? readSdp(this.#connection.localDescription?.sdp ?? "", "ours") : null;
    if (local?.ok === true) return local.description;
    this.#fail("no-relay");
    return null;
  }

  #connecting(): void {
    this.#at = "connecting";
    this.#lookLater(this.#options.clock.monotonicMs() + CONNECT_MS);
  }

  /** No event tells of a handshake that failed, so the state is looked at until it is settled. */
  #lookLater(untilMs: number): void {
    const { clock } = this.#options;
    this.#cancelTimer = clock.after(LOOK_EVERY_MS, () => {
      this.#connectionChanged();
      if (this.#at !== "connecting") return;
      if (clock.monotonicMs() < untilMs) this.#lookLater(untilMs);
      else this.#fail("disconnected");
    });
  }

  #connectionChanged(): void {
    // What happens once it is open, the watch tells.
    if (this.#at === "closed" || this.#at === "open") return;
    const state = this.#connection.connectionState;
    if (state === "failed")
      this.#fail(
        this.#at === "connecting" && this.#sound.sender.transport?.state === "failed"
          ? "wrong-certificate"
          : "disconnected",
      );
    else if (state === "connected" && this.#at === "connecting") this.#open();
  }

  #open(): void {
    const certificate = this.#sound.sender.transport?.getRemoteCertificates()[0];
    if (certificate === undefined || fingerprintOf(certificate) !== this.#signedFingerprint) {
      this.#fail("wrong-certificate");
      return;
    }
    this.#at = "open";
    this.#sound.start();
    this.#cancelTimer();
    this.#options.onEvent({ type: "connected" });
    this.#watch();
  }

  #watch(): void {
    const { clock, sending, onEvent } = this.#options;
    const watch = new PathWatch({
      clock,
      connection: this.#connection,
      sound: this.#sound,
      onEvent: (event) => (event === "gone" ? this.#fail("disconnected") : onEvent({ type: event })),
      onArrival: (arrival) => {
        if (sending === undefined && this.#adaptation.hear(arrival)) this.#negotiation.send(this.#adaptation.sending);
      },
    });
    this.#closing.push(() => watch[Symbol.dispose]());
  }
}
