import type { Clock } from "#base/clock.ts";
import { FRAME_SAMPLES, type Frame16k } from "../frame.ts";
import { isSilent } from "../level.ts";
import { type LastWord, SoundChannel } from "./sound-channel.ts";
import { SrtpSound } from "./srtp-sound.ts";
import type { PeerConnection, Sender, Wrtc } from "./wrtc.ts";

/** Agreed upon beforehand: nothing is asked for over the network, and no other channel is taken. */
const CHANNEL_ID = 0;

type LegSoundOptions = Readonly<{
  clock: Clock;
  wrtc: Wrtc;
  connection: PeerConnection;
  /** The other end does what no unit does. */
  onMisuse: () => void;
}>;

/**
 * The sound of a leg, each way by the channel where both ends have it and it keeps up, by SRTP otherwise. The other end
 * may choose differently: what comes by the channel is played, and what comes by SRTP where nothing does.
 */
export class LegSound implements Disposable {
  readonly #options: LegSoundOptions;
  readonly #srtp: SrtpSound;
  readonly #silence = new Int16Array(FRAME_SAMPLES);
  readonly #other = new Int16Array(FRAME_SAMPLES);
  #channel: SoundChannel | null = null;
  #hears: "srtp" | "channel" = "srtp";

  constructor(options: LegSoundOptions) {
    this.#options = options;
    const { wrtc, connection } = options;
    this.#srtp = new SrtpSound(wrtc, connection);
    connection.ondatachannel = () => options.onMisuse();
  }

  get sender(): Sender {
    return this.#srtp.sender;
  }

  /** Packets that came by the channel. */
  get packets(): number {
    return this.#channel?.packets ?? 0;
  }

  /** Which way the other end's sound comes now. */
  get hears(): "srtp" | "channel" {
    return this.#hears;
  }

  /** There is to be a channel; before the first description is made. */
  addChannel(): void {
    const { clock, connection, onMisuse } = this.#options;
    const options = { ordered: false, maxRetransmits: 0, negotiated: true, id: CHANNEL_ID } as const;
    const channel = connection.createDataChannel("sound", options);
    this.#channel = new SoundChannel({ clock, channel, onMisuse });
  }

  /** The certificate was seen. */
  start(): void {
    this.#channel?.start();
  }

  /** Sends 10 ms, of silence for null. `mayReturn`: nothing that is known of SRTP speaks against the channel. */
  send(frame: Frame16k | null, mayReturn: boolean): void {
    const sent = this.#channel?.send(frame ?? this.#silence, mayReturn) ?? false;
    if (!sent) this.#srtp.send(frame ?? this.#silence);
  }

  /** Writes the next 10 ms to `out`. */
  read(out: Frame16k): void {
    const before = this.#hears;
    this.#pull(before, out);
    this.#hears = this.#choose(out);
    if (this.#hears === before) return;
    // One fades into the other: they are not equally late.
    if (this.#hears === "channel") this.#pull("channel", this.#other);
    for (let index = 0; index < FRAME_SAMPLES; index += 1) {
      const share = (index + 1) / FRAME_SAMPLES;
      out[index] = (out[index] ?? 0) * (1 - share) + (this.#other[index] ?? 0) * share;
    }
  }

  /** Tells the other end that we leave; after dispose, too. Needless where there is no channel, or it left before. */
  sayLast(): LastWord {
    return this.#channel?.sayLast() ?? "needless";
  }

  /** Whether the connection has to be closed later than the sound ends. */
  get lingers(): boolean {
    return this.#channel?.isInUse ?? false;
  }

  [Symbol.dispose](): void {
    this.#channel?.[Symbol.dispose]();
    this.#srtp[Symbol.dispose]();
  }

  /** The way to hear from now on. What stops is heard (made up) until there is something else; `heard` is what was now. */
  #choose(heard: Frame16k): "srtp" | "channel" {
    const channel = this.#channel;
    if (channel === null) return "srtp";
    if (this.#hears === "srtp") {
      const returns = channel.isSteady || (channel.isFlowing && isSilent(heard));
      return returns ? "channel" : "srtp";
    }
    this.#srtp.listen(!channel.isFlowing);
    if (channel.isFlowing) return "channel";
    this.#pull("srtp", this.#other);
    return isSilent(this.#other) ? "channel" : "srtp";
  }

  #pull(way: "srtp" | "channel", out: Frame16k): void {
    if (way === "channel") this.#channel?.pull(out);
    else this.#srtp.pull(out);
  }
}
