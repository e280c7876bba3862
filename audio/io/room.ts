import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "#base/clock.ts";
import { AudioError } from "../audio-error.ts";
import { FRAME_MS, FRAME_SAMPLES, RATE_HZ } from "../frame.ts";
import { gainOfDb, saturate } from "../level.ts";
import type { RoomTrack } from "../protocol.ts";
import { readWav } from "../wav.ts";
import { Beat } from "./beat.ts";
import type { RoomRig, SoundDevice, Tick } from "./io.ts";
import { Pacer } from "./pacer.ts";
import { Recorder } from "./recorder.ts";
import { RoomSound, type RoomSoundOptions } from "./room-sound.ts";

/** Ten minutes of sound: more in one file is a mistake. */
const MOST_FILE_BYTES = 10 * 60 * RATE_HZ * 2;
/** More people than this do not fit into the room. */
const MOST_PEOPLE = 16;

type RoomOptions = RoomSoundOptions & Readonly<{ clock: Clock }>;
type Person = { readonly samples: Int16Array; readonly gain: number; readonly over: () => void; next: number };
type Recording = Readonly<Record<RoomTrack, Recorder>>;

/**
 * A simulated room: people talk in it, the loudspeaker is heard in it, the microphone hears both and a little noise.
 * A frame that the tick wrote leaves the loudspeaker during the following 10 ms.
 */
export class Room implements SoundDevice, RoomRig {
  readonly #options: RoomOptions;
  readonly #pacer: Pacer;
  readonly #people = new Set<Person>();
  readonly #microphone = new Int16Array(FRAME_SAMPLES);
  readonly #ear = new Int16Array(FRAME_SAMPLES);
  readonly #playing = new Int16Array(FRAME_SAMPLES);
  readonly #silence = new Int16Array(FRAME_SAMPLES);
  readonly #voices = new Float64Array(FRAME_SAMPLES);
  readonly #beat = new Beat();
  /** A frame is played during the 10 ms after it was written. */
  readonly delayMs = FRAME_MS;
  #recording: Recording | null = null;
  /** From the start on. */
  #sound: RoomSound | null = null;
  /** Wall clock. */
  #frameEndedMs = 0;

  constructor(options: RoomOptions) {
    this.#options = options;
    this.#pacer = new Pacer({
      clock: options.clock,
      onFrame: () => this.#frame(),
      onDropped: (frames10ms) => this.#dropped(frames10ms),
    });
  }

  async start(tick: Tick, onFailure: (error: AudioError) => void): Promise<void> {
    this.#beat.start(tick, onFailure);
    try {
      this.#sound = await RoomSound.open(this.#options);
    } catch (cause) {
      throw new AudioError("device-failed", `there is no such room`, {}, cause);
    }
    this.#frameEndedMs = this.#options.clock.nowMs();
    this.#pacer.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#beat.stop();
    this.#pacer[Symbol.dispose]();
    for (const person of this.#people) person.over();
    this.#people.clear();
    this.#sound?.[Symbol.dispose]();
    this.#sound = null;
    await this.record(null);
  }

  /** Somebody in the room plays a WAV file (mono, 16 bit, 16 kHz); resolves when it is over. */
  async play(path: string, gainDb: number): Promise<void> {
    const samples = await readSound(path);
    if (this.#people.size >= MOST_PEOPLE) throw new AudioError("bad-command", "too many sounds at once in the room");
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#people.add({ samples, gain: gainOfDb(gainDb), over: resolve, next: 0 });
    await promise;
  }

  /**
   * Records the room into `folder`: `room.wav` (what an ear hears: people and loudspeaker), `loudspeaker.wav`,
   * `microphone.wav` (before the echo canceller), and `room.json` with the time at which all three begin: by the wall
   * clock, and to the microsecond by the monotonic clock that all processes of this machine share. Null stops and
   * resolves when everything is on the disk.
   */
  async record(folder: string | null): Promise<void> {
    const finished = this.#recording;
    this.#recording = null;
    if (finished !== null)
      await Promise.all([finished.room.finish(), finished.loudspeaker.finish(), finished.microphone.finish()]);
    if (folder === null) return;
    const [room, loudspeaker, microphone] = await Promise.all([
      Recorder.open(folder, "room"),
      Recorder.open(folder, "loudspeaker"),
      Recorder.open(folder, "microphone"),
    ]);
    // The frame under way is the first, and began when the last one ended.
    const startedAtMs = this.#frameEndedMs;
    const startedMonotonicMs = systemMonotonicMs() - this.#options.clock.monotonicMs() + this.#pacer.beatMs;
    this.#recording = { room, loudspeaker, microphone };
    const began = { startedAtMs, startedMonotonicMs, rateHz: RATE_HZ };
    await writeFile(join(folder, "room.json"), `${JSON.stringify(began)}\n`);
  }

  #frame(): void {
    this.#frameEndedMs = this.#options.clock.nowMs();
    this.#mixVoices();
    for (let index = 0; index < FRAME_SAMPLES; index += 1)
      this.#ear[index] = saturate((this.#voices[index] ?? 0) + (this.#playing[index] ?? 0));
    this.#sound?.step(this.#playing, this.#voices, this.#microphone);
    if (this.#recording !== null) {
      this.#recording.room.push(this.#ear);
      this.#recording.loudspeaker.push(this.#playing);
      this.#recording.microphone.push(this.#microphone);
    }
    this.#beat.tick(this.#microphone, this.#playing);
  }

  /** Time went on while nobody counted: what was to be heard in it is heard later, recordings keep the time. */
  #dropped(frames10ms: number): void {
    this.#playing.fill(0);
    if (this.#recording === null) return;
    for (let frame = 0; frame < frames10ms; frame += 1) {
      this.#recording.room.push(this.#silence);
      this.#recording.loudspeaker.push(this.#silence);
      this.#recording.microphone.push(this.#silence);
    }
  }

  #mixVoices(): void {
    const voices = this.#voices;
    voices.fill(0);
    for (const person of this.#people) {
      const count = Math.min(FRAME_SAMPLES, person.samples.length - person.next);
      for (let index = 0; index < count; index += 1)
        voices[index] = (voices[index] ?? 0) + (person.samples[person.next + index] ?? 0) * person.gain;
      person.next += count;
      if (person.next < person.samples.length) continue;
      this.#people.delete(person);
      person.over();
    }
  }
}

/** Milliseconds of CLOCK_MONOTONIC, the same for every process. */
function systemMonotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

async function readSound(path: string): Promise<Int16Array> {
  try {
    const { size } = await stat(path);
    if (size > MOST_FILE_BYTES) throw new AudioError("bad-sound-file", "the sound file is too long", { bytes: size });
    return readWav(await readFile(path));
  } catch (cause) {
    if (cause instanceof AudioError) throw cause;
    throw new AudioError("bad-sound-file", "the sound file cannot be read", {}, cause);
  }
}
