import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { RATE_HZ } from "#audio/frame.ts";
import type { WakeWord } from "#audio/wake-word.ts";
import { readAt16k } from "../hear/speak.ts";
import { type Clip, findWordEnd, pick, type Random } from "./clip.ts";
import { type Dictionary, nearWords } from "./dictionary.ts";

const run = promisify(execFile);

/** Said after the wake word in training. */
const COMMANDS = ["call Ben", "answer", "block that caller", "hang up", "who called", "turn calling off", "call mum"];
/** The glue of English: half of what anybody says. */
const COMMON = (
  "the of and a to in is you that it he was for on are as with his they I at be this have from or one had by word but " +
  "not what all were we when your can said there use an each which she do how their if will up other about out many " +
  "then them these so some her would make like him into time has look two more write go see number no way could people"
).split(" ");
const NEAR_WORDS = 200;

/** flite's voices, which say where each phone ends. */
const FLITE_VOICES = ["slt", "rms", "awb", "kal16", "kal"];
const LAST_PHONE: Readonly<Record<WakeWord, RegExp>> = { computer: /\b(?:er|axr):([\d.]+)/, jarvis: /\bs:([\d.]+)/ };
/** espeak-ng's: every second one to learn from, the others to be judged on. */
const ACCENTS = ["en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029"];
const VARIANTS = (
  "f1 m1 f2 m2 f3 m3 f4 m4 f5 m5 Alex m6 Alicia m7 Andrea m8 Andy adam Annie anika antonio aunty belinda benjamin boris " +
  "caleb david Denis ed edward Gene grandma grandpa Henrique Hugo iven Jacky john klatt klatt2 klatt3 klatt4 Lee linda " +
  "Marco Mario max Michael michel miguel Mike norbert pablo paul pedro quincy rob robert sandro shelby steph travis " +
  "victor zac"
).split(" ");

export type VoiceSet = "learn" | "judge";

/** Speaks in the voices that this machine has. */
export class Voices implements AsyncDisposable {
  readonly #folder: string;
  readonly #random: Random;
  readonly #variants: readonly string[];

  private constructor(folder: string, random: Random, set: VoiceSet) {
    this.#folder = folder;
    this.#random = random;
    this.#variants = VARIANTS.filter((_, i) => i % 2 === (set === "learn" ? 0 : 1));
  }

  static async open(random: Random, set: VoiceSet): Promise<Voices> {
    return new Voices(await mkdtemp(path.join(os.tmpdir(), "porter-voices-")), random, set);
  }

  /** The wake word, by espeak-ng `count` times and by each of flite's voices alone and with a command behind it. */
  async sayWord(word: WakeWord, count: number): Promise<Clip[]> {
    const said: Clip[] = [];
    for (let i = 0; i < count; i++) {
      const samples = await this.#espeak(word);
      said.push({ samples, wordEnd: findWordEnd(samples) });
    }
    for (const voice of FLITE_VOICES) {
      for (const command of COMMANDS) said.push(await this.#flite(voice, `${word}, ${command}`, word));
      for (const command of COMMANDS) said.push(await this.#flite(voice, `${word} ${command}`, word));
      for (let i = 0; i < 6; i++) said.push(await this.#flite(voice, word, word));
    }
    return said;
  }

  /** `count` runs of words, 20 to 30 s each: any words of the dictionary, and those that are near a wake word. */
  async sayOther(dictionary: Dictionary, words: readonly WakeWord[], count: number): Promise<Clip[]> {
    const any = [...dictionary.keys()].filter((word) => !words.some((wake) => word.includes(wake)));
    const near = words.flatMap((word) => nearWords(dictionary, word, NEAR_WORDS));
    const said: Clip[] = [];
    for (let i = 0; i < count; i++) {
      const text = Array.from({ length: 60 }, () => {
        const kind = this.#random();
        const word = pick(this.#random, kind < 0.45 ? COMMON : kind < 0.8 ? any : near);
        return this.#random() < 0.12 ? `${word}.` : word;
      }).join(" ");
      if (i % 6 === 5) said.push(await this.#flite(pick(this.#random, FLITE_VOICES), text, null));
      else said.push({ samples: await this.#espeak(text), wordEnd: null });
    }
    return said;
  }

  /** The words nearest to a wake word, by each of flite's voices, which are the clearest: `count` runs of twenty. */
  async sayNear(dictionary: Dictionary, words: readonly WakeWord[], count: number): Promise<Clip[]> {
    const near = words.flatMap((word) => nearWords(dictionary, word, NEAR_WORDS / 2));
    const said: Clip[] = [];
    for (const voice of FLITE_VOICES) {
      for (let i = 0; i < count; i++) {
        const text = Array.from({ length: 20 }, () => {
          const word = pick(this.#random, this.#random() < 0.75 ? near : COMMON);
          return this.#random() < 0.3 ? `${word}.` : word;
        });
        said.push(await this.#flite(voice, text.join(" "), null));
      }
    }
    return said;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #flite(voice: string, text: string, word: WakeWord | null): Promise<Clip> {
    const file = path.join(this.#folder, "flite.wav");
    const stretch = (0.8 + 0.5 * this.#random()).toFixed(2);
    const settings = ["--setf", `duration_stretch=${stretch}`];
    const { stdout } = await run("flite", ["-voice", voice, ...settings, "-psdur", "-t", text, "-o", file]);
    const samples = await readAt16k(file);
    if (word === null) return { samples, wordEnd: null };
    const end = LAST_PHONE[word].exec(stdout)?.[1];
    return { samples, wordEnd: end === undefined ? findWordEnd(samples) : Math.round(Number(end) * RATE_HZ) };
  }

  async #espeak(text: string): Promise<Int16Array> {
    const file = path.join(this.#folder, "espeak.wav");
    const voice = `${pick(this.#random, ACCENTS)}+${pick(this.#random, this.#variants)}`;
    const [wordsPerMinute, pitch] = [115 + 95 * this.#random(), 15 + 65 * this.#random()].map((n) => n.toFixed(0));
    const settings = ["-v", voice, "-s", wordsPerMinute ?? "", "-p", pitch ?? ""];
    await run("espeak-ng", [...settings, "-w", file, "--", text]);
    return readAt16k(file);
  }
}
