import { createHash } from "node:crypto";
import type { Clock } from "#base/clock.ts";
import { FRAME_SAMPLES, type Frame16k, RATE_HZ } from "../frame.ts";
import { levelDbfs } from "../level.ts";
import type { IceServer, Report } from "../protocol.ts";
import { Resampler } from "../resample.ts";
import { gatherRelays } from "./gather.ts";
import { Playout } from "./playout.ts";
import { type LegDescription, readSdp, type Sending, writeSdp } from "./sdp.ts";
import type { PeerConnection, Sender, SinkData, Wrtc } from "./wrtc.ts";

/** From the remote description to DTLS; ICE itself gives up later. */
const CONNECT_MS = 12_000;
const LOOK_EVERY_MS = 50;
/** How often packets are counted, and how long none may come: both ends send even while they are muted. */
const COUNT_EVERY_MS = 1_500;
const LOST_AFTER_MS = 6_000;
/** What counts as sound of the far end: a quiet room, not digital silence. */
const SOUND_DBFS = -75;

export type LegFailure = Extract<Report, { type: "leg-failed" }>["why"];
export type LegEvent = Readonly<
  | { type: "offer"; sdp: string; fingerprint: string }
  | { type: "answer"; sdp: string; fingerprint: string }
  | { type: "connected" }
  | { type: "sound"; atMs: number }
  /** It is closed already; nothing more comes. */
  | { type: "failed"; why: LegFailure }
>;
type PeerOptions = Readonly<{
  clock: Clock;
  wrtc: Wrtc;
  iceServers: readonly IceServer[];
  onEvent: (event: LegEvent) => void;
  /** Where it is to send otherwise than units do, for comparison. */
  sending?: Sending;
}>;
/** The other end as its signed envelope describes it. */
type Remote = Readonly<{ sdp: string; fingerprint: string }>;

/**
 * One WebRTC leg: relay-only, one Opus stream each way, bound to the certificate that was signed. No sound goes out
 * or comes in before that certificate was seen. Dispose closes it; no event comes after that.
 */
export class Peer implements Disposable {
  readonly #options: PeerOptions;
  readonly #connection: PeerConnection;
  readonly #source: InstanceType<Wrtc["nonstandard"]["RTCAudioSource"]>;
  readonly #sender: Sender;
  readonly #playout = new Playout();
  readonly #silence = new Int16Array(FRAME_SAMPLES);
  readonly #closing: (() => void)[] = [];
  #at: "made" | "offered" | "connecting" | "open" | "closed" = "made";
  #signedFingerprint = "";
  #heardFarEnd = false;
  #cancelTimer: () => void = () => undefined;
  #resampler: { fromHz: number; converter: Resampler; out: Int16Array } | null = null;

  constructor(options: PeerOptions) {
    this.#options = options;
    const { RTCPeerConnection, nonstandard } = options.wrtc;
    this.#connection = new RTCPeerConnection({
      iceServers: options.iceServers,
      iceTransportPolicy: "relay",
      bundlePolicy: "max-bundle",
    });
    this.#source = new nonstandard.RTCAudioSource();
    const track = this.#source.createTrack();
    this.#sender = this.#connection.addTrack(track);
    this.#closing.push(() => track.stop());
    this.#connection.ontrack = (event) => {
      if (this.#at === "closed") return;
      const sink = new nonstandard.RTCAudioSink(event.track);
      sink.ondata = (data) => this.#receive(data);
      this.#closing.push(() => sink.stop());
    };
    this.#connection.onconnectionstatechange = () => this.#connectionChanged();
  }

  /** Makes the offer; it comes as an event. */
  async offer(): Promise<void> {
    await this.#guarded(async () => {
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
      await this.#connection.setRemoteDescription({
        type: "answer",
        sdp: writeSdp(description, this.#options.sending),
      });
    });
  }

  /** Takes the other end's offer and makes the answer; it comes as an event. */
  async answer(remote: Remote): Promise<void> {
    await this.#guarded(async () => {
      const description = this.#admit(remote, "offer");
      if (description === null) return;
      await this.#connection.setRemoteDescription({ type: "offer", sdp: writeSdp(description, this.#options.sending) });
      await this.#connection.setLocalDescription(await this.#connection.createAnswer());
      const local = await this.#describe();
      if (local === null) return;
      this.#connecting();
      this.#options.onEvent({ type: "answer", sdp: writeSdp(local), fingerprint: local.fingerprint });
    });
  }

  /** Sends 10 ms of the microphone, or of silence for null; nothing before the leg is open. Budget 1 ms. */
  send(frame: Frame16k | null): void {
    if (this.#at !== "open") return;
    this.#source.onData({
      samples: frame ?? this.#silence,
      sampleRate: RATE_HZ,
      bitsPerSample: 16,
      channelCount: 1,
      numberOfFrames: FRAME_SAMPLES,
    });
  }

  /** Writes 10 ms of the far end to `out`; false, and `out` untouched, while the leg is not open. */
  read(out: Frame16k): boolean {
    if (this.#at !== "open") return false;
    this.#playout.pull(out);
    if (!this.#heardFarEnd && levelDbfs(out) > SOUND_DBFS) {
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
    this.#connection.close();
    this.#resampler?.converter[Symbol.dispose]();
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
    if (this.#at === "closed") return;
    const state = this.#connection.connectionState;
    if (state === "failed")
      this.#fail(
        this.#at === "connecting" && this.#sender.transport?.state === "failed" ? "wrong-certificate" : "disconnected",
      );
    else if (state === "connected" && this.#at === "connecting") this.#open();
  }

  #open(): void {
    const certificate = this.#sender.transport?.getRemoteCertificates()[0];
    if (certificate === undefined || fingerprintOf(certificate) !== this.#signedFingerprint) {
      this.#fail("wrong-certificate");
      return;
    }
    this.#at = "open";
    this.#cancelTimer();
    this.#options.onEvent({ type: "connected" });
    this.#countLater(-1, this.#options.clock.monotonicMs());
  }

  #countLater(packetsBefore: number, lastNewMs: number): void {
    this.#cancelTimer = this.#options.clock.after(COUNT_EVERY_MS, () => {
      void this.#count(packetsBefore, lastNewMs);
    });
  }

  /** ICE takes its time to notice a far end that is gone, or never does; its packets stop at once. */
  async #count(packetsBefore: number, lastNewMs: number): Promise<void> {
    await this.#guarded(async () => {
      const packets = receivedPackets(await this.#connection.getStats());
      if (this.#at !== "open") return;
      const nowMs = this.#options.clock.monotonicMs();
      if (packets !== packetsBefore) this.#countLater(packets, nowMs);
      else if (nowMs - lastNewMs >= LOST_AFTER_MS) this.#fail("disconnected");
      else this.#countLater(packets, lastNewMs);
    });
  }

  #receive(data: SinkData): void {
    if (this.#at !== "open" || data.channelCount !== 1) return;
    if (data.sampleRate === RATE_HZ) {
      if (data.samples.length === FRAME_SAMPLES) this.#playout.push(data.samples);
      return;
    }
    if (this.#resampler?.fromHz !== data.sampleRate) {
      this.#resampler?.converter[Symbol.dispose]();
      const converter = new Resampler(data.sampleRate, RATE_HZ);
      this.#resampler = { fromHz: data.sampleRate, converter, out: new Int16Array(FRAME_SAMPLES + 2) };
    }
    const { converter, out } = this.#resampler;
    if (converter.process(data.samples, out) === FRAME_SAMPLES) this.#playout.push(out.subarray(0, FRAME_SAMPLES));
  }
}

/** Whether a remote description may touch the library: well-formed, relay-only, and of the certificate that was signed. */
export function checkRemote(
  remote: Remote,
  type: "offer" | "answer",
): Readonly<{ ok: true; description: LegDescription } | { ok: false; why: "bad-sdp" | "wrong-certificate" }> {
  const read = readSdp(remote.sdp, "theirs");
  if (!read.ok || (read.description.setup === "actpass") !== (type === "offer")) return { ok: false, why: "bad-sdp" };
  if (read.description.fingerprint !== remote.fingerprint) return { ok: false, why: "wrong-certificate" };
  return { ok: true, description: read.description };
}

function fingerprintOf(certificate: ArrayBuffer): string {
  const hex = createHash("sha256").update(new Uint8Array(certificate)).digest("hex").toUpperCase();
  return hex.replace(/(..)(?!$)/g, "$1:");
}

function receivedPackets(stats: Iterable<readonly [string, Readonly<Record<string, unknown>>]>): number {
  for (const [, entry] of stats)
    if (entry.type === "inbound-rtp" && typeof entry.packetsReceived === "number") return entry.packetsReceived;
  return 0;
}
