import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { AudioError } from "../audio-error.ts";
import { FRAME_SAMPLES, RATE_HZ } from "../frame.ts";
import type { SoundDevice, Tick } from "./io.ts";

const FRAME_BYTES = FRAME_SAMPLES * 2;
/** 20 ms pieces: shorter ones were not delivered any sooner. */
const PERIOD_SAMPLES = 320;
/** How much may wait for a loudspeaker that has fallen behind: 100 ms. */
const MOST_WAITING_BYTES = 10 * FRAME_BYTES;
/** A microphone that gave nothing for so long does not run. */
const START_MS = 5_000;

type AlsaOptions = Readonly<{ capture: string; playback: string }>;
type Capture = ChildProcessByStdio<null, Readable, Readable>;
type Playback = ChildProcessByStdio<Writable, null, Readable>;

/**
 * A sound card by ALSA's own `arecord` and `aplay`. The microphone's clock is the beat: each 10 ms it delivers make
 * one tick.
 */
export class Alsa implements SoundDevice {
  readonly #options: AlsaOptions;
  readonly #microphone = new Int16Array(FRAME_SAMPLES);
  readonly #playback = new Int16Array(FRAME_SAMPLES);
  #children: readonly (Capture | Playback)[] = [];
  #left = Buffer.alloc(0);
  #over = false;

  constructor(options: AlsaOptions) {
    this.#options = options;
  }

  async start(tick: Tick, onFailure: (error: AudioError) => void): Promise<void> {
    const format = ["-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", String(RATE_HZ)];
    const period = `--period-size=${PERIOD_SAMPLES}`;
    const capture: Capture = spawn(
      "arecord",
      [...format, "-D", this.#options.capture, period, `--buffer-size=${PERIOD_SAMPLES * 10}`],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    const playback: Playback = spawn(
      "aplay",
      [...format, "-D", this.#options.playback, period, `--buffer-size=${PERIOD_SAMPLES * 5}`, "--start-delay=1"],
      { stdio: ["pipe", "ignore", "pipe"] },
    );
    this.#children = [capture, playback];
    const { promise: running, resolve, reject } = Promise.withResolvers<void>();
    let started = false;
    const fail = (error: AudioError): void => {
      if (this.#over) return;
      this.#over = true;
      for (const child of this.#children) child.kill();
      if (started) onFailure(error);
      else reject(error);
    };
    watch(capture, "microphone", fail);
    watch(playback, "loudspeaker", fail);
    // A write to a child that has just died; `exit` tells of it.
    playback.stdin.on("error", () => undefined);
    capture.stdout.on("data", (bytes: Buffer) => {
      started = true;
      resolve();
      this.#take(bytes, tick, playback.stdin);
    });
    const late = setTimeout(() => fail(new AudioError("device-failed", "the microphone gives no sound")), START_MS);
    await running.finally(() => clearTimeout(late));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    await Promise.all(this.#children.map(endChild));
  }

  #take(bytes: Buffer, tick: Tick, loudspeaker: Writable): void {
    if (this.#over) return;
    const all = this.#left.length === 0 ? bytes : Buffer.concat([this.#left, bytes]);
    let offset = 0;
    for (; offset + FRAME_BYTES <= all.length; offset += FRAME_BYTES) {
      for (let index = 0; index < FRAME_SAMPLES; index += 1)
        this.#microphone[index] = all.readInt16LE(offset + index * 2);
      tick(this.#microphone, this.#playback);
      // The stream keeps what it is given, so each frame is a copy. A loudspeaker that is behind skips frames.
      if (loudspeaker.writable && loudspeaker.writableLength < MOST_WAITING_BYTES)
        loudspeaker.write(Buffer.from(new Uint8Array(this.#playback.buffer)));
    }
    this.#left = Buffer.from(all.subarray(offset));
  }
}

function watch(child: Capture | Playback, what: string, fail: (error: AudioError) => void): void {
  let said = "";
  child.stderr.on("data", (bytes: Buffer) => {
    said = (said + bytes.toString("utf8")).slice(-500);
  });
  child.on("error", (cause) => {
    fail(new AudioError("device-failed", `the ${what} cannot be opened: is alsa-utils installed?`, {}, cause));
  });
  child.on("close", (code, signal) => {
    fail(new AudioError("device-failed", `the ${what} stopped: ${said.trim() || (signal ?? `code ${code}`)}`));
  });
}

async function endChild(child: Capture | Playback): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once("close", () => resolve());
  child.kill();
  await promise;
}
