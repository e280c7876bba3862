import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** Voices that come with flite: 16 kHz mono s16, as the room plays. */
export type Voice = "slt" | "rms" | "awb";

/** Makes the spoken sentences of a play, each once. */
export class Voices {
  readonly #folder: string;
  readonly #made = new Map<string, Promise<string>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of a WAV in which `voice` says `text`. */
  say(voice: Voice, text: string): Promise<string> {
    const key = `${voice} ${text}`;
    const made = this.#made.get(key) ?? this.#speak(voice, text);
    this.#made.set(key, made);
    return made;
  }

  async #speak(voice: Voice, text: string): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    const name = `${voice}-${text.toLowerCase().replaceAll(/[^a-z]+/g, "-")}.wav`;
    const path = join(this.#folder, name);
    await promisify(execFile)("flite", ["-voice", voice, "-t", text, "-o", path]);
    return path;
  }
}
