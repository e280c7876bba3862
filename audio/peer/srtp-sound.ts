import { FRAME_SAMPLES, type Frame16k, RATE_HZ } from "../frame.ts";
import { Resampler } from "../resample.ts";
import { Playout } from "./playout.ts";
import type { PeerConnection, Sender, SinkData, Wrtc } from "./wrtc.ts";

type AudioSink = InstanceType<Wrtc["nonstandard"]["RTCAudioSink"]>;
type MediaTrack = ConstructorParameters<Wrtc["nonstandard"]["RTCAudioSink"]>[0];

/**
 * A leg's sound by the library's own Opus over SRTP. What is not sent costs nothing, and while nobody listens (`listen`)
 * nothing that came is decoded here.
 */
export class SrtpSound implements Disposable {
  readonly sender: Sender;
  readonly #wrtc: Wrtc;
  readonly #source: InstanceType<Wrtc["nonstandard"]["RTCAudioSource"]>;
  readonly #own: MediaTrack;
  readonly #playout = new Playout();
  #track: MediaTrack | null = null;
  #sink: AudioSink | null = null;
  #isListening = true;
  #resampler: { fromHz: number; converter: Resampler; out: Int16Array } | null = null;

  constructor(wrtc: Wrtc, connection: PeerConnection) {
    this.#wrtc = wrtc;
    this.#source = new wrtc.nonstandard.RTCAudioSource();
    this.#own = this.#source.createTrack();
    this.sender = connection.addTrack(this.#own);
    connection.ontrack = ({ track }) => {
      this.#track = track;
      if (this.#isListening) this.#open();
    };
  }

  /** Sends 10 ms (copies it). */
  send(frame: Frame16k): void {
    this.#source.onData({
      samples: frame,
      sampleRate: RATE_HZ,
      bitsPerSample: 16,
      channelCount: 1,
      numberOfFrames: FRAME_SAMPLES,
    });
  }

  /** Whether anybody wants to hear what comes this way. */
  listen(wanted: boolean): void {
    if (wanted === this.#isListening) return;
    this.#isListening = wanted;
    if (wanted) this.#open();
    else this.#close();
  }

  /** Writes the next 10 ms to `out`. */
  pull(out: Frame16k): void {
    this.#playout.pull(out);
  }

  [Symbol.dispose](): void {
    this.#isListening = false;
    this.#close();
    this.#own.stop();
  }

  #open(): void {
    if (this.#track === null || this.#sink !== null) return;
    this.#sink = new this.#wrtc.nonstandard.RTCAudioSink(this.#track);
    this.#sink.ondata = (data) => this.#receive(data);
  }

  #close(): void {
    this.#sink?.stop();
    this.#sink = null;
    this.#resampler?.converter[Symbol.dispose]();
    this.#resampler = null;
  }

  #receive(data: SinkData): void {
    if (!this.#isListening || data.channelCount !== 1) return;
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
