import { type ChildProcess, spawn } from "node:child_process";
import { AudioError } from "../audio-error.ts";
import type { Synthesiser } from "../engines.ts";
import { RATE_HZ } from "../frame.ts";
import { Resampler } from "../resample.ts";
import { WAV_HEADER_BYTES } from "../wav.ts";

/** The rate of espeak-ng's own voices, in Hz. */
const VOICE_RATE_HZ = 22_050;
/** Longer speech than two minutes is a fault. */
const MAX_SOUND_BYTES = 120 * VOICE_RATE_HZ * 2;

export type SpeechOptions = Readonly<{
  /** The program; another one in tests. */
  program?: string;
  /** An espeak-ng voice. */
  voice?: string;
  wordsPerMinute?: number;
}>;

/**
 * Speaks by espeak-ng. It is GPL-3, so it is a program that we start for each sentence and never a library: the text
 * goes to its standard input, the sound comes from its standard output.
 */
export class EspeakSynthesiser implements Synthesiser {
  readonly #program: string;
  readonly #voice: string;
  #wordsPerMinute: number;
  readonly #speaking = new Set<ChildProcess>();

  constructor({ program = "espeak-ng", voice = "en-us", wordsPerMinute = 165 }: SpeechOptions = {}) {
    this.#program = program;
    this.#voice = voice;
    this.#wordsPerMinute = wordsPerMinute;
  }

  setRate(wordsPerMinute: number): void {
    this.#wordsPerMinute = wordsPerMinute;
  }

  speak(text: string, onSound: (samples: Int16Array) => void, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    // Without -m, espeak-ng takes markup for what it is: text.
    const args = ["-v", this.#voice, "-s", String(this.#wordsPerMinute), "--stdin", "--stdout"];
    const child = spawn(this.#program, args, {
      stdio: ["pipe", "pipe", "ignore"],
      signal,
      killSignal: "SIGKILL",
    });
    this.#speaking.add(child);
    const sound = new EspeakSound(onSound);
    child.stdout.on("data", (bytes: Buffer) => {
      if (!signal.aborted && !sound.take(bytes)) child.kill("SIGKILL");
    });
    // The child may die before it has read its text: its exit says so.
    child.stdin.on("error", () => {});
    child.stdin.end(asPlainText(text));
    return new Promise((resolve, reject) => {
      child.on("error", (cause) => {
        this.#speaking.delete(child);
        sound[Symbol.dispose]();
        if (signal.aborted) resolve();
        else reject(cannotStart(cause));
      });
      child.on("close", (code) => {
        this.#speaking.delete(child);
        sound[Symbol.dispose]();
        if (signal.aborted || code === 0) resolve();
        else reject(new AudioError("engine-failed", "espeak-ng failed", { code }));
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = [...this.#speaking].map((child) => {
      return new Promise<void>((resolve) => {
        child.once("close", () => {
          resolve();
        });
        child.kill("SIGKILL");
      });
    });
    await Promise.all(ended);
  }
}

/** Takes the header off, keeps samples whole over pieces, and brings them to 16 kHz. */
class EspeakSound implements Disposable {
  readonly #onSound: (samples: Int16Array) => void;
  readonly #resampler = new Resampler(VOICE_RATE_HZ, RATE_HZ);
  #header = WAV_HEADER_BYTES;
  #half: number | null = null;
  #taken = 0;

  constructor(onSound: (samples: Int16Array) => void) {
    this.#onSound = onSound;
  }

  /** False when there is more of it than anybody would say. */
  take(bytes: Buffer): boolean {
    this.#taken += bytes.length;
    const skipped = Math.min(this.#header, bytes.length);
    this.#header -= skipped;
    const whole = this.#half === null ? bytes.subarray(skipped) : Buffer.concat([Buffer.of(this.#half), bytes]);
    const samples = new Int16Array(whole.length >> 1);
    for (let i = 0; i < samples.length; i++) samples[i] = whole.readInt16LE(i * 2);
    this.#half = whole.length % 2 === 1 ? (whole.at(-1) ?? null) : null;
    const out = new Int16Array(this.#resampler.mostFor(samples.length));
    const count = this.#resampler.process(samples, out);
    if (count > 0) this.#onSound(out.subarray(0, count));
    return this.#taken <= MAX_SOUND_BYTES;
  }

  [Symbol.dispose](): void {
    this.#resampler[Symbol.dispose]();
  }
}

/** espeak-ng reads `[[…]]` as phonemes even without -m, and control characters as commands (0x01). */
function asPlainText(text: string): string {
  return `${text.replaceAll(/\p{Cc}/gu, " ").replaceAll("[[", "[ [")}\n`;
}

function cannotStart(cause: Error): AudioError {
  const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
  return missing
    ? new AudioError("engine-missing", "Speech needs the Debian package espeak-ng", {}, cause)
    : new AudioError("engine-failed", "espeak-ng cannot be started", {}, cause);
}
