import { once } from "node:events";
import type lpcm16 from "node-record-lpcm16";
import type Speaker from "speaker";
import type { Clock } from "#base/clock.ts";
import { AudioError } from "../audio-error.ts";
import { FRAME_MS, FRAME_SAMPLES, RATE_HZ } from "../frame.ts";
import { type Pieces, takeFrame } from "../pieces.ts";
import { Beat } from "./beat.ts";
import type { SoundDevice, Tick } from "./io.ts";
import { Pacer } from "./pacer.ts";
import { Pcm } from "./pcm.ts";

/** The recording program hands over 2,133 samples at a time: two such pieces wait before the first tick. */
const AHEAD_SAMPLES = Math.round(RATE_HZ * 0.27);
/** Of more than that, 10 ms are left out: the microphone's clock is not ours. */
const MOST_WAITING_SAMPLES = Math.round(RATE_HZ * 0.5);
/** speaker takes 64 ms at a time and holds half a second; more than this unplayed is left out. */
const MOST_UNPLAYED_BYTES = RATE_HZ;
/** Silence that it is given first: a sound server took half a second of it at once, and ran dry with less. */
const HEAD_START_MS = 800;
const HEAD_START_BYTES = (HEAD_START_MS * RATE_HZ * 2) / 1_000;
const STUCK_MS = 1_000;
const FIRST_SOUND_MS = 5_000;
/** A recording program that does not end when it is asked to is ended. */
const END_MS = 500;

type Recording = ReturnType<typeof lpcm16.record>;

const FORMAT = { channels: 1, bitDepth: 16, sampleRate: RATE_HZ } as const;

/**
 * The default microphone and loudspeaker of a laptop, by `node-record-lpcm16` and `speaker`, each loaded when it
 * starts. Coarse: sound comes in pieces of 133 ms, which are cut into even ticks of 10 ms, and are a second late in all.
 */
export class Portable implements SoundDevice {
  readonly #clock: Clock;
  readonly #beat = new Beat();
  readonly #pacer: Pacer;
  readonly #heard: Pieces = { pieces: [], next: 0 };
  readonly #microphone = new Int16Array(FRAME_SAMPLES);
  readonly #playback = new Int16Array(FRAME_SAMPLES);
  #waitingSamples = 0;
  /** Half a sample, where a piece ends in the middle of one. */
  #half: Buffer = Buffer.alloc(0);
  #soundMs = 0;
  #recording: Recording | null = null;
  #loudspeaker: Speaker | null = null;
  #cancelWatch: () => void = () => undefined;

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
    this.#pacer = new Pacer({ clock, onFrame: () => this.#frame(), onDropped: () => undefined });
  }

  get delayMs(): number {
    const unplayed = this.#loudspeaker?.writableLength ?? 0;
    return HEAD_START_MS + (unplayed * 1_000) / (RATE_HZ * 2);
  }

  async start(tick: Tick, onFailure: (error: AudioError) => void): Promise<void> {
    this.#loudspeaker = await openLoudspeaker(this.#clock);
    const { default: recorders } = await import("node-record-lpcm16");
    const { promise: heard, resolve, reject } = Promise.withResolvers<void>();
    this.#beat.start(tick, (error) => {
      reject(error);
      if (this.#pacer.running) onFailure(error);
      this.#pacer[Symbol.dispose]();
    });
    const fail = (error: AudioError): void => this.#beat.fail(error);
    const recorder = process.platform === "linux" ? "arecord" : "sox";
    const recording = recorders.record({ sampleRate: RATE_HZ, channels: 1, audioType: "raw", recorder });
    this.#recording = recording;
    let said = "";
    recording.process.stderr.on("data", (bytes: Buffer) => {
      said = (said + bytes.toString("utf8")).slice(-500);
    });
    recording.process.on("error", (cause) => {
      fail(new AudioError("engine-missing", `the microphone needs ${recorder}: install it`, {}, cause));
    });
    // The package tells of a failed program here too, in words that help nobody.
    recording.stream().on("error", () => undefined);
    recording.process.on("close", (code, signal) => {
      fail(new AudioError("device-failed", `the microphone stopped: ${said.trim() || (signal ?? `code ${code}`)}`));
    });
    this.#loudspeaker.on("error", (cause) => {
      fail(new AudioError("device-failed", "the loudspeaker stopped", {}, cause));
    });
    recording.stream().on("data", (bytes: Buffer) => {
      this.#take(bytes);
      if (this.#waitingSamples < AHEAD_SAMPLES) return;
      this.#pacer.start();
      resolve();
    });
    this.#loudspeaker.write(Buffer.alloc(HEAD_START_BYTES));
    this.#soundMs = this.#clock.monotonicMs() + FIRST_SOUND_MS - STUCK_MS;
    this.#watch();
    await heard;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#beat.stop();
    this.#pacer[Symbol.dispose]();
    this.#cancelWatch();
    await Promise.all([this.#endLoudspeaker(), this.#endMicrophone()]);
  }

  /** What it was given last is written to the end: closing it in the middle of a write would end the process. */
  async #endLoudspeaker(): Promise<void> {
    const loudspeaker = this.#loudspeaker;
    if (loudspeaker === null || loudspeaker.destroyed) return;
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    loudspeaker.on("error", () => resolve());
    loudspeaker.on("close", () => resolve());
    loudspeaker.end();
    const cancel = this.#clock.after(2 * END_MS, resolve);
    await closed.finally(cancel);
  }

  async #endMicrophone(): Promise<void> {
    const child = this.#recording?.process;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill();
    const cancel = this.#clock.after(END_MS, () => child.kill("SIGKILL"));
    await closed.finally(cancel);
  }

  #take(bytes: Buffer): void {
    if (!this.#beat.running) return;
    this.#soundMs = this.#clock.monotonicMs();
    const whole = this.#half.length === 0 ? bytes : Buffer.concat([this.#half, bytes]);
    const samples = new Int16Array(whole.length >> 1);
    for (let index = 0; index < samples.length; index += 1) samples[index] = whole.readInt16LE(index * 2);
    this.#half = whole.subarray(samples.length * 2);
    this.#heard.pieces.push(samples);
    this.#waitingSamples += samples.length;
  }

  #frame(): void {
    if (this.#waitingSamples > MOST_WAITING_SAMPLES) this.#waitingSamples -= takeFrame(this.#heard, this.#microphone);
    this.#waitingSamples -= takeFrame(this.#heard, this.#microphone);
    this.#beat.tick(this.#microphone, this.#playback);
    const loudspeaker = this.#loudspeaker;
    // The stream keeps what it is given, so each frame is a copy.
    if (this.#beat.running && loudspeaker !== null && loudspeaker.writableLength < MOST_UNPLAYED_BYTES)
      loudspeaker.write(Buffer.from(new Uint8Array(this.#playback.buffer)));
  }

  #watch(): void {
    this.#cancelWatch = this.#clock.after(FRAME_MS * 20, () => {
      if (this.#clock.monotonicMs() - this.#soundMs > STUCK_MS)
        this.#beat.fail(new AudioError("device-stuck", "the microphone gives no sign of life: plug it in anew"));
      else this.#watch();
    });
  }
}

/**
 * `speaker` ends the whole process where ALSA has nothing to play on, so that is tried first; and its native part is
 * built by nobody who does not need it.
 */
async function openLoudspeaker(clock: Clock): Promise<Speaker> {
  if (process.platform === "linux") await Pcm.probe({ clock, name: "default", direction: "playback" });
  try {
    const { default: Loudspeaker } = await import("speaker");
    return new Loudspeaker(FORMAT);
  } catch (cause) {
    const headers = `$PWD/node_modules/node-${process.platform}-${process.arch}`;
    const build = `PATH=$PWD/node_modules/.bin:$PATH npm_config_nodedir=${headers} npm rebuild speaker`;
    const message = `the package "speaker" is not built: in Porter's folder, run "apt-get install libasound2-dev" as root, then "${build}"; or say "audio": {"io": {"type": "alsa"}}`;
    throw new AudioError("engine-missing", message, {}, cause);
  }
}
