import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import path from "node:path";
import { STEP_SAMPLES } from "#audio/engines/speech-embedding.ts";
import type { WakeWord } from "#audio/wake-word.ts";
import type { Clip, Random } from "./clip.ts";
import { FeatureMaker } from "./features.ts";

/** What `train.py` knows of a clip. */
export type About = Readonly<{
  /** The wake word that it is; null where it is none. */
  word: WakeWord | null;
  /** Recordings are split by it. */
  id: number;
  /** What was done to it: "clean", "10 dB", "varied". */
  how: string;
  /** Recordings to learn from and to be judged on; the same of made speech. */
  set: "learn" | "judge" | "made" | "made-judge" | "other";
}>;

/** Two files: a line of JSON for each clip (what it is, its steps, the step in which the word ends), and its embeddings. */
export class FeatureFile implements AsyncDisposable {
  readonly #maker: FeatureMaker;
  readonly #lines: number;
  readonly #floats: number;

  private constructor(maker: FeatureMaker, base: string) {
    this.#maker = maker;
    this.#lines = openSync(`${base}.jsonl`, "w");
    this.#floats = openSync(`${base}.f32`, "w");
  }

  static async create(folder: string, name: string): Promise<FeatureFile> {
    mkdirSync(folder, { recursive: true });
    return new FeatureFile(await FeatureMaker.open(), path.join(folder, name));
  }

  /** At an alignment to the steps drawn by chance. */
  async add(clip: Clip, about: About, random: Random): Promise<void> {
    const { floats, steps, wordStep } = await this.#maker.make(clip, Math.floor(random() * STEP_SAMPLES));
    writeSync(this.#floats, new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength));
    writeSync(this.#lines, `${JSON.stringify({ ...about, steps, wordStep })}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    closeSync(this.#lines);
    closeSync(this.#floats);
    await this.#maker[Symbol.asyncDispose]();
  }
}
