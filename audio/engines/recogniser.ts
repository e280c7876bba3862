import { Worker } from "node:worker_threads";
import { AudioError } from "../audio-error.ts";
import type { Heard, Recogniser } from "../engines.ts";
import { FRAME_SAMPLES, type Frame16k } from "../frame.ts";
import type { FromWorker, ToWorker } from "./recogniser-messages.ts";
import { watchThread } from "./thread-watch.ts";

/** Frames that cross to the worker at once: 50 ms. */
const PIECE_FRAMES = 5;
/** What the thread may take for a piece of sound or the end of an utterance, and for a grammar of many new names. */
const HANGS_MS = 5_000;
const GRAMMAR_HANGS_MS = 600_000;

type Waiting = Readonly<{
  resolve: (answer: FromWorker) => void;
  reject: (error: AudioError) => void;
}>;

/** What was said under a JSGF grammar, found out in a worker thread. */
export class CommandRecogniser implements Recogniser {
  readonly #worker: Worker;
  readonly #onEnd: (error: AudioError) => void;
  readonly #waiting = new Map<number, Waiting>();
  #piece = new Int16Array(PIECE_FRAMES * FRAME_SAMPLES);
  #filled = 0;
  #lastId = 0;
  #failure: AudioError | null = null;
  /** Grammars that it has not taken yet. */
  #grammars = 0;
  #stopWatch: () => void = () => undefined;

  private constructor(worker: Worker, onEnd: (error: AudioError) => void) {
    this.#worker = worker;
    this.#onEnd = onEnd;
    worker.on("message", (message: FromWorker) => {
      this.#take(message);
    });
    worker.on("error", (cause) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#failAll(new AudioError("engine-failed", `The recogniser's thread failed: ${why}`, {}, cause));
    });
    worker.on("exit", () => {
      this.#failAll(new AudioError("engine-failed", "The recogniser has ended"));
    });
  }

  /**
   * Loads the models; an AudioError names the Debian package that is missing. `onEnd` is called once, when the thread
   * has ended for whatever reason: nothing is recognised from then on.
   */
  static async open(onEnd: (error: AudioError) => void = () => undefined): Promise<CommandRecogniser> {
    const worker = new Worker(new URL("./recogniser-worker.ts", import.meta.url));
    const recogniser = new CommandRecogniser(worker, onEnd);
    await recogniser.#wait(READY);
    recogniser.#watch();
    return recogniser;
  }

  async setGrammar(jsgf: string): Promise<void> {
    this.#grammars += 1;
    try {
      await this.#ask((id) => ({ type: "set-grammar", id, jsgf }));
    } finally {
      this.#grammars -= 1;
    }
  }

  /** What may stand in front of a command, whole or its end: "computer" unless told. */
  setWakeWord(words: string): void {
    this.#send({ type: "set-wake-word", words });
  }

  start(jsgf: string | null = null): void {
    this.#filled = 0;
    this.#send({ type: "start", jsgf });
  }

  push(frame: Frame16k): void {
    let taken = 0;
    while (taken < frame.length) {
      const count = Math.min(frame.length - taken, this.#piece.length - this.#filled);
      this.#piece.set(frame.subarray(taken, taken + count), this.#filled);
      this.#filled += count;
      taken += count;
      if (this.#filled === this.#piece.length) this.#handPiece();
    }
  }

  async finish(): Promise<Heard> {
    const endMs = performance.now();
    this.#handPiece();
    const answer = await this.#ask((id) => ({ type: "finish", id }));
    if (answer.type !== "heard") throw new AudioError("engine-failed", "The recogniser answered something else");
    const { text, score, alike, nameMargin } = answer;
    return { text, score, alike, nameMargin, decodeMs: performance.now() - endMs };
  }

  async isWakeWord(sound: Int16Array): Promise<boolean> {
    const samples = sound.slice();
    const answer = await this.#ask((id) => ({ type: "is-wake-word", id, samples }), [samples.buffer]);
    return answer.type === "wake-word" && answer.said;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#failure !== null) return;
    const ended = new Promise<void>((resolve) => {
      this.#worker.once("exit", () => {
        resolve();
      });
    });
    this.#send({ type: "close" });
    await ended;
  }

  #watch(): void {
    const patienceMs = (): number => (this.#grammars > 0 ? GRAMMAR_HANGS_MS : HANGS_MS);
    this.#stopWatch = watchThread(this.#worker, patienceMs, () => {
      this.#failAll(new AudioError("engine-hangs", "The recogniser's thread hangs"));
    });
  }

  #handPiece(): void {
    if (this.#filled === 0) return;
    const samples = this.#piece.slice(0, this.#filled);
    this.#filled = 0;
    this.#send({ type: "sound", samples }, [samples.buffer]);
  }

  #ask(message: (id: number) => ToWorker, transfer: ArrayBuffer[] = []): Promise<FromWorker> {
    this.#lastId++;
    const answer = this.#wait(this.#lastId);
    this.#send(message(this.#lastId), transfer);
    return answer;
  }

  #wait(id: number): Promise<FromWorker> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #send(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    if (this.#failure === null) this.#worker.postMessage(message, transfer);
  }

  #take(message: FromWorker): void {
    const id = message.type === "ready" ? READY : (message.id ?? READY);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (message.type === "failed") waiting?.reject(new AudioError(message.code, message.message));
    else waiting?.resolve(message);
  }

  #failAll(error: AudioError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#stopWatch();
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#onEnd(error);
  }
}

/** The id under which the worker's first message is waited for. */
const READY = 0;
