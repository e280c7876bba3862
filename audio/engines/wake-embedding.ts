import { readFile } from "node:fs/promises";
import { AudioError } from "../audio-error.ts";
import type { WakeDetector } from "../engines.ts";
import { type Frame16k, RATE_HZ } from "../frame.ts";
import type { WakeWord } from "../wake-word.ts";
import { AnswerWatch } from "./answer-watch.ts";
import { QuietRoom } from "./quiet-room.ts";
import { EMBEDDING_FLOATS, SpeechEmbedding, STEP_SAMPLES } from "./speech-embedding.ts";
import { LIKENESS_STEPS, WakeDoubt } from "./wake-doubt.ts";
import { decodeWakeHead, type WakeHead, type WakeLevel } from "./wake-head.ts";
import { WakeScore } from "./wake-score.ts";
import { EmbeddingSearch, type Primed, prime } from "./wake-search.ts";

/** `audio/models/README.md` says how they were made. */
export const WAKE_HEADS: Readonly<Record<WakeWord, URL>> = {
  computer: new URL("../models/computer.head", import.meta.url),
  jarvis: new URL("../models/jarvis.head", import.meta.url),
};

/** What lies so far below their threshold may be the word; `audio/models/README.md` has the figures. */
export const WAKE_DOUBTS: Readonly<Record<WakeWord, number>> = { computer: 4.5, jarvis: 4.5 };

const LIKENESS_MS = (LIKENESS_STEPS * STEP_SAMPLES * 1_000) / RATE_HZ;
/** Sound that may wait for inference; more means a stalled machine, and old sound is of no use then. */
const MAX_WAITING_STEPS = 25;
/** Four seconds of sound in which nothing was listened to: it does not come back by itself. */
const SILENT_STEPS = 50;

export type WakeOptions = Readonly<{
  /** A head file; by default the one for "computer". */
  head?: string | URL;
  /** How easily it is convinced; "normal" unless told. */
  level?: WakeLevel;
  /** What lies so far below the threshold is told as a doubt; nothing unless told. Of the head it was opened with alone. */
  doubt?: number | null;
  /** No second detection sooner than this, counted in sound. */
  refractoryMs?: number;
  /** Told when inference fails; listening goes on. */
  onTrouble?: (error: AudioError) => void;
  /** Told once when no step has been listened to for four seconds of sound; for what pushes in real time only. */
  onSilent?: (error: AudioError) => void;
}>;

/** Hears one wake word by a head of our own on top of the speech embedding, which rests while the room is quiet. */
export class EmbeddingWake implements WakeDetector {
  readonly #embedding: SpeechEmbedding;
  readonly #level: WakeLevel;
  readonly #refractorySteps: number;
  readonly #onTrouble: (error: AudioError) => void;
  readonly #primed: Primed;
  readonly #watch: AnswerWatch;
  #head: WakeHead;
  #score: WakeScore;
  #doubt: WakeDoubt | null;
  readonly #doubters: ((doubt: { beganMsAgo: number }) => void)[] = [];
  readonly #listeners: ((heard: { score: number }) => void)[] = [];
  readonly #quiet = new QuietRoom();
  /** What the last steps were embedded as; while the room is quiet it stands for all of them. */
  #latest: Float32Array = new Float32Array(EMBEDDING_FLOATS);
  #step = new Int16Array(STEP_SAMPLES);
  #filled = 0;
  #waiting: Int16Array<ArrayBuffer>[] = [];
  #spare: Int16Array<ArrayBuffer>[] = [];
  #running: Promise<void> | null = null;
  /** Counts resets: what was heard before the last one is thrown away. */
  #era = 0;
  /** The era that the state below and the embedding's belong to. */
  #stateEra = -1;
  #steps = 0;
  #quietUntilStep = 0;
  #closed = false;
  /** The last inference failed: the next to fail is not told again. */
  #failed = false;

  private constructor(embedding: SpeechEmbedding, head: WakeHead, primed: Primed, options: WakeOptions) {
    this.#embedding = embedding;
    this.#head = head;
    this.#primed = primed;
    this.#level = options.level ?? "normal";
    this.#score = new WakeScore(head, this.#level, primed.window);
    this.#doubt = typeof options.doubt === "number" ? new WakeDoubt(options.doubt) : null;
    this.#refractorySteps = ((options.refractoryMs ?? 1_500) * 16) / STEP_SAMPLES;
    this.#onTrouble = options.onTrouble ?? (() => {});
    this.#watch = new AnswerWatch(SILENT_STEPS, () =>
      options.onSilent?.(new AudioError("engine-failed", "The wake word is not listened for any more")),
    );
  }

  static async open(options: WakeOptions = {}): Promise<EmbeddingWake> {
    const head = await readHead(options.head ?? WAKE_HEADS.computer);
    const embedding = await SpeechEmbedding.open();
    return new EmbeddingWake(embedding, head, await prime(embedding), options);
  }

  /** What looks for the same word in what was played, by the same models; use it no longer than this. */
  search(): EmbeddingSearch {
    return new EmbeddingSearch(this.#embedding.another(), this.#head, this.#primed);
  }

  /** Hears another word from now on. */
  useHead(head: WakeHead): void {
    this.#head = head;
    this.#score = new WakeScore(head, this.#level, this.#primed.window);
    this.#doubt = null;
    this.reset();
  }

  push(frame: Frame16k): void {
    let taken = 0;
    while (taken < frame.length) {
      const count = Math.min(frame.length - taken, STEP_SAMPLES - this.#filled);
      // Most often the whole frame fits, and no view of it need be made.
      this.#step.set(count === frame.length ? frame : frame.subarray(taken, taken + count), this.#filled);
      this.#filled += count;
      taken += count;
      if (this.#filled === STEP_SAMPLES) this.#hand();
    }
  }

  reset(): void {
    this.#era++;
    this.#filled = 0;
    this.#waiting = [];
  }

  onWake(listener: (heard: { score: number }) => void): void {
    this.#listeners.push(listener);
  }

  onDoubt(listener: (doubt: { beganMsAgo: number }) => void): void {
    this.#doubters.push(listener);
  }

  /** Resolves when everything pushed so far has been listened to: for tools that push faster than real time. */
  async settled(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#waiting = [];
    await this.settled();
    await this.#embedding[Symbol.asyncDispose]();
  }

  #hand(): void {
    this.#filled = 0;
    if (this.#closed) return;
    this.#watch.asked();
    this.#waiting.push(this.#step);
    this.#step = this.#spare.pop() ?? new Int16Array(STEP_SAMPLES);
    if (this.#waiting.length > MAX_WAITING_STEPS) this.reset();
    this.#running ??= this.#listen().finally(() => {
      this.#running = null;
    });
  }

  async #listen(): Promise<void> {
    for (let step = this.#waiting.shift(); step !== undefined; step = this.#waiting.shift()) {
      const era = this.#era;
      if (this.#stateEra !== era) this.#restorePrimed(era);
      try {
        const quiet = this.#quiet.hear(await this.#embedding.listen(step));
        if (!quiet) this.#latest = await this.#embedding.embed();
        this.#watch.answered();
        this.#failed = false;
        if (era === this.#era) this.#hear(this.#latest);
      } catch (cause) {
        if (!this.#failed)
          this.#onTrouble(new AudioError("engine-failed", "The wake word cannot be listened for", {}, cause));
        this.#failed = true;
      }
      this.#spare.push(step);
    }
  }

  #hear(embedding: Float32Array): void {
    const score = this.#score.hear(embedding);
    this.#steps++;
    if (this.#steps < this.#quietUntilStep) return;
    if (score > 0) {
      this.#doubt?.settle();
      this.#quietUntilStep = this.#steps + this.#refractorySteps;
      for (const listener of this.#listeners) listener({ score });
    } else if (this.#doubt?.hear(score)) for (const listener of this.#doubters) listener({ beganMsAgo: LIKENESS_MS });
  }

  #restorePrimed(era: number): void {
    this.#stateEra = era;
    this.#embedding.restore(this.#primed.embedding);
    this.#quiet.reset();
    this.#score.reset();
    this.#doubt?.settle();
    this.#quietUntilStep = 0;
  }
}

async function readHead(file: string | URL): Promise<WakeHead> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new AudioError("model-missing", `Cannot read the wake head ${String(file)}`, { file: String(file) }, cause);
  }
  return decodeWakeHead(bytes);
}
