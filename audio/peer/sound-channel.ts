import type { Clock } from "#base/clock.ts";
import { LiveDecoder, LiveEncoder } from "../engines/live-opus.ts";
import { FRAME_SAMPLES, type Frame16k } from "../frame.ts";
import { JitterBuffer } from "./jitter-buffer.ts";
import { Route } from "./route.ts";
import {
  COPY_AT,
  COUNT_MODULUS,
  emptyPacket,
  FRAME_AT,
  MOST_AGO_MS,
  PacketWriter,
  readPacket,
} from "./sound-packet.ts";
import { foldFrames } from "./time-fold.ts";
import type { DataChannel } from "./wrtc.ts";

/** Without sound for so long the other end may send it another way. */
const FLOWING_MS = 60;
/** So many packets in a row are no rest of what was held up long ago. */
const STEADY_PACKETS = 20;
/** So many frames go both ways at first: until the other end has noticed, and until it is known what is lost. */
const BOTH_WAYS_FRAMES = 250;
/**
 * And so many after so much was lost: SRTP may be needed soon. Where it rested, the library takes the first packets for
 * late by as long, and what follows is heard up to two seconds late, with gaps, until it has forgotten them (bench loss).
 */
const READY_FRAMES = 1_500;
const READY_LOST_SHARE = 0.03;
/** When each of so many frames left. */
const SENT = 1_024;
/** While sound goes by SRTP, so seldom does a packet without any look whether the channel is well. */
const NEWS_EVERY_FRAMES = 5;
/** So seldom where it would be in the way: nothing comes back, and what is sent waits in SCTP; or the way is narrow. */
const NEWS_UNTOLD_MS = 1_000;
const NEWS_SELDOM_FRAMES = 100;
/** Loss is counted over so many frames. */
const COUNT_FRAMES = 200;
/** With each frame in which none could be left out, places less alike will do; the more wait, the sooner. */
const LESS_ALIKE_PER_FRAME = 0.01;
const MOST_ALIKE = 0.9;
/** Ten times what an end sends. What a stall of ours held up comes at once, and is not more than a few seconds. */
const MOST_PACKETS = 2_000;
const MOST_BYTES = 2 ** 20;

type SoundChannelOptions = Readonly<{
  clock: Clock;
  channel: DataChannel;
  /** More comes than anybody needs. */
  onMisuse: () => void;
}>;

export type LastWord = "said" | "too early" | "needless";

/**
 * A leg's sound over an unreliable, unordered data channel (RFC 8831: SCTP in the leg's DTLS): Opus in packets of our own
 * and a jitter buffer that the loudspeaker's beat pulls. Takes and gives nothing before `start`. Nothing is queued here.
 */
export class SoundChannel implements Disposable {
  readonly #options: SoundChannelOptions;
  readonly #encoder = new LiveEncoder();
  readonly #decoder = new LiveDecoder();
  readonly #buffer = new JitterBuffer();
  readonly #route = new Route();
  readonly #writer = new PacketWriter();
  readonly #packet = emptyPacket();
  readonly #sentAtMs = new Float64Array(SENT);
  readonly #frame = new Int16Array(FRAME_SAMPLES);
  /** A frame that was decoded to be folded into the one before it, and did not fit. */
  readonly #ahead = new Int16Array(FRAME_SAMPLES);
  #hasAhead = false;
  #alike = MOST_ALIKE;
  #isStarted = false;
  #wasStarted = false;
  /** The other end said that it leaves: nothing is sent any more. */
  #isLeft = false;
  /** Of the frame that leaves next. */
  #number = 0;
  #firstSent = -1;
  #soundAtMs = Number.NEGATIVE_INFINITY;
  #soundsInRow = 0;
  #bothWays = BOTH_WAYS_FRAMES;
  #heardNext = 0;
  #heardAtMs = 0;
  #heardCount = 0;
  /** Of our packets, what the other end told last. */
  #toldNext = 0;
  #sentCount = 0;
  readonly #countAtSent = new Float64Array(SENT);
  #base = { sent: 0, told: 0, toldNext: 0 };
  #roundTripMs: number | null = null;
  #packets = 0;
  #floodFromMs = 0;
  #floodPackets = 0;
  #floodBytes = 0;

  constructor(options: SoundChannelOptions) {
    this.#options = options;
    const { channel } = options;
    channel.binaryType = "arraybuffer";
    channel.addEventListener("message", ({ data }) => this.#receive(data));
  }

  /** The certificate was seen: sound may go and come from now on. */
  start(): void {
    this.#isStarted = true;
    this.#wasStarted = true;
  }

  /** The other end may send by it, whether we did or not: there it may be open before it is here. */
  get isInUse(): boolean {
    const { readyState } = this.#options.channel;
    return this.#wasStarted && (readyState === "open" || readyState === "connecting");
  }

  /** Packets that came so far. */
  get packets(): number {
    return this.#packets;
  }

  /** Whether the other end's sound comes this way now. */
  get isFlowing(): boolean {
    return this.#options.clock.monotonicMs() - this.#soundAtMs < FLOWING_MS;
  }

  /** And has for a while. */
  get isSteady(): boolean {
    return this.#soundsInRow >= STEADY_PACKETS && this.isFlowing;
  }

  /** Sends 10 ms; false where it has to go by SRTP, too. `mayReturn`: nothing that SRTP knows speaks against the channel. */
  send(frame: Frame16k, mayReturn: boolean): boolean {
    const { clock } = this.#options;
    const number = this.#number;
    this.#number += 1;
    if (!this.#isStarted || this.#isLeft || !this.#isOpen) return false;
    const nowMs = clock.monotonicMs();
    if (this.#firstSent < 0) {
      this.#firstSent = number;
      this.#toldNext = number;
      this.#base.toldNext = number;
      this.#route.opened();
    }
    this.#sentAtMs[number % SENT] = nowMs;
    this.#countAtSent[number % SENT] = this.#sentCount;
    const untoldMs = this.#untoldMs(nowMs);
    this.#route.tick(nowMs, untoldMs, mayReturn);
    const byChannel = this.#route.byChannel;
    this.#bothWays = Math.max(byChannel ? this.#bothWays - 1 : BOTH_WAYS_FRAMES, 0);
    if (byChannel) this.#writer.shift();
    else if (number % (mayReturn && untoldMs < NEWS_UNTOLD_MS ? NEWS_EVERY_FRAMES : NEWS_SELDOM_FRAMES) !== 0)
      return false;
    if (byChannel && !this.#encoder.encode(frame, this.#writer.frame)) return false;
    const agoMs = Math.min(MOST_AGO_MS, Math.round(nowMs - this.#heardAtMs));
    const bytes = byChannel
      ? this.#writer.sound(number, this.#heardNext, agoMs, this.#heardCount)
      : this.#writer.news(number, this.#heardNext, agoMs, this.#heardCount);
    this.#sentCount += 1;
    this.#countAtSent[number % SENT] = this.#sentCount;
    return this.#put(bytes) && byChannel && this.#bothWays === 0;
  }

  /** Tells the other end that we leave, as soon as it is open; needless where it left before, or there is no way to it. */
  sayLast(): LastWord {
    if (this.#isLeft || !this.isInUse) return "needless";
    if (!this.#isOpen) return "too early";
    return this.#put(this.#writer.last(this.#number)) ? "said" : "needless";
  }

  /** Writes the next 10 ms of the other end's to `out`. */
  pull(out: Frame16k): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#hasAhead) out.set(this.#ahead);
    else this.#decode(nowMs, out);
    this.#hasAhead = false;
    if (!this.#buffer.hasOneTooMany(nowMs)) {
      this.#alike = MOST_ALIKE;
      return;
    }
    this.#frame.set(out);
    this.#decode(nowMs, this.#ahead);
    this.#hasAhead = !foldFrames(this.#frame, this.#ahead, this.#alike, out);
    this.#alike = this.#hasAhead ? this.#alike - LESS_ALIKE_PER_FRAME * this.#buffer.waiting : MOST_ALIKE;
  }

  [Symbol.dispose](): void {
    this.#isStarted = false;
    this.#encoder[Symbol.dispose]();
    this.#decoder[Symbol.dispose]();
  }

  #decode(nowMs: number, out: Frame16k): void {
    const frame = this.#buffer.take(nowMs);
    if (frame === null) this.#decoder.conceal(out);
    else this.#decoder.decode(frame, out);
  }

  /** Asked with every frame: a channel that the other end closed without a word is the less likely to be sent by (`peer.ts`). */
  get #isOpen(): boolean {
    return this.#options.channel.readyState === "open";
  }

  /** Closed, or full: what cannot be sent now is not sent. */
  #put(bytes: Uint8Array): boolean {
    try {
      this.#options.channel.send(bytes);
      return true;
    } catch {
      return false;
    }
  }

  /** How long ago the oldest packet left that the other end has not told of. */
  #untoldMs(nowMs: number): number {
    if (this.#toldNext >= this.#number) return 0;
    if (this.#number - this.#toldNext >= SENT) return Number.POSITIVE_INFINITY;
    return nowMs - (this.#sentAtMs[this.#toldNext % SENT] ?? 0);
  }

  #receive(data: unknown): void {
    if (!this.#isStarted) return;
    const nowMs = this.#options.clock.monotonicMs();
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : null;
    if (this.#floods(nowMs, bytes?.length ?? 0)) {
      this.#options.onMisuse();
      return;
    }
    const packet = this.#packet;
    if (bytes === null || !readPacket(bytes, packet)) return;
    this.#isLeft ||= packet.isLast;
    if (packet.isLast) return;
    this.#packets += 1;
    this.#heardCount = (this.#heardCount + 1) % COUNT_MODULUS;
    if (packet.number >= this.#heardNext) {
      this.#heardNext = packet.number + 1;
      this.#heardAtMs = nowMs;
      this.#hearTold(nowMs);
    }
    if (!packet.hasSound) return;
    this.#soundsInRow = this.isFlowing ? this.#soundsInRow + 1 : 0;
    this.#soundAtMs = nowMs;
    if (packet.hasCopy && packet.number > 0) this.#buffer.put(packet.number - 1, bytes, COPY_AT, nowMs);
    this.#buffer.put(packet.number, bytes, FRAME_AT, nowMs);
  }

  /** What the newest packet tells of ours. */
  #hearTold(nowMs: number): void {
    const { heardNext, heardAgoMs, heardCount } = this.#packet;
    const told = heardNext - 1;
    // Nobody can have heard what was not sent.
    if (told < this.#firstSent || heardNext > this.#number || this.#number - told >= SENT) return;
    if (heardAgoMs < MOST_AGO_MS) {
      this.#roundTripMs = Math.max(0, nowMs - (this.#sentAtMs[told % SENT] ?? nowMs) - heardAgoMs);
      this.#route.told(this.#roundTripMs);
    }
    this.#toldNext = Math.max(this.#toldNext, heardNext);
    if (told - this.#base.toldNext < COUNT_FRAMES) return;
    const sent = (this.#countAtSent[told % SENT] ?? 0) - this.#base.sent;
    const came = (heardCount - this.#base.told + COUNT_MODULUS) % COUNT_MODULUS;
    this.#base = { sent: this.#base.sent + sent, told: heardCount, toldNext: told };
    if (sent <= 0) return;
    const lostShare = Math.max(0, 1 - came / sent);
    if (lostShare > READY_LOST_SHARE) this.#bothWays = READY_FRAMES;
    this.#route.hear(nowMs, { lostShare, roundTripMs: this.#roundTripMs });
  }

  #floods(nowMs: number, bytes: number): boolean {
    if (nowMs - this.#floodFromMs > 1_000) {
      this.#floodFromMs = nowMs;
      this.#floodPackets = 0;
      this.#floodBytes = 0;
    }
    this.#floodPackets += 1;
    this.#floodBytes += bytes;
    return this.#floodPackets > MOST_PACKETS || this.#floodBytes > MOST_BYTES;
  }
}
