import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandRecogniser } from "#audio/engines/recogniser.ts";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import type { RoomTrack } from "#audio/protocol.ts";
import type { UnitProcess } from "./unit-process.ts";

const HEADER_BYTES = 44;
/** The recorder hands sound to the disk every half second. */
const WRITTEN_WITHIN_MS = 800;

/** What one home sounds like, recorded while it goes on: 16 kHz mono s16, by the wall clock. */
export class Recording {
  readonly folder: string;
  readonly startedMs: number;

  private constructor(folder: string, startedMs: number) {
    this.folder = folder;
    this.startedMs = startedMs;
  }

  static async start(unit: UnitProcess, folder: string): Promise<Recording> {
    await unit.ask({ do: "record", folder });
    return new Recording(folder, Date.now());
  }

  /** The sound of a track between two moments; waits until it is on disk. */
  async slice(track: RoomTrack, fromMs: number, toMs: number): Promise<Int16Array> {
    const waitMs = toMs + WRITTEN_WITHIN_MS - Date.now();
    if (waitMs > 0) await sleep(waitMs);
    const samples = await this.all(track);
    return samples.subarray(this.#sample(fromMs), this.#sample(toMs));
  }

  async all(track: RoomTrack): Promise<Int16Array> {
    const file = await readFile(join(this.folder, `${track}.wav`));
    const bytes = new Uint8Array(file.subarray(HEADER_BYTES));
    return new Int16Array(bytes.buffer, 0, Math.floor(bytes.length / 2));
  }

  #sample(atMs: number): number {
    return Math.max(0, Math.round(((atMs - this.startedMs) / 1_000) * RATE_HZ));
  }
}

/** The loudest sample in dBFS; -Infinity for digital silence. */
export function peakDbfs(samples: Int16Array): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return 20 * Math.log10(peak / 32_768);
}

/** RMS level in dBFS of the loudest tenth of a second. */
export function loudestDbfs(samples: Int16Array): number {
  const window = RATE_HZ / 10;
  let loudest = 0;
  for (let at = 0; at + window <= samples.length; at += window) {
    let sum = 0;
    for (let i = at; i < at + window; i++) sum += (samples[i] ?? 0) ** 2;
    loudest = Math.max(loudest, sum / window);
  }
  return 10 * Math.log10(loudest / 32_768 ** 2);
}

/** What people say to each other in the play; the recogniser has to tell them apart. */
export const SENTENCES = [
  "the garden gate is open again",
  "we are having soup for dinner tonight",
  "your train leaves early on friday morning",
  "the red bicycle belongs to my sister",
  "please bring the yellow umbrella tomorrow",
  "the doctor wants to see you on monday",
] as const;
export type SpokenSentence = (typeof SENTENCES)[number];

/** A path of the grammar is found in any noise; below this it was not said (`Heard.score`). */
const SURE = -2.5;

/** Hears which of the sentences was said, as a unit does; null where none was. */
export class Listener implements AsyncDisposable {
  readonly #recogniser: CommandRecogniser;

  private constructor(recogniser: CommandRecogniser) {
    this.#recogniser = recogniser;
  }

  static async open(): Promise<Listener> {
    const recogniser = await CommandRecogniser.open();
    await recogniser.setGrammar(`#JSGF V1.0;\ngrammar said;\npublic <said> = ${SENTENCES.join(" | ")};\n`);
    return new Listener(recogniser);
  }

  async hear(samples: Int16Array): Promise<{ text: string | null; score: number }> {
    this.#recogniser.start();
    for (let at = 0; at + FRAME_SAMPLES <= samples.length; at += FRAME_SAMPLES) {
      this.#recogniser.push(samples.subarray(at, at + FRAME_SAMPLES));
    }
    const { text, score } = await this.#recogniser.finish();
    return { text: score < SURE ? null : text, score };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#recogniser[Symbol.asyncDispose]();
  }
}
