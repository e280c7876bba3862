import { Worker } from "node:worker_threads";
import { AudioError } from "../audio-error.ts";
import type { MessageCodec, PlayingLine, PlayingListener, RecordingLine, RecordingListener } from "../engines.ts";
import { FRAME_SAMPLES, type Frame16k } from "../frame.ts";
import type { FromCodec, ToCodec } from "./codec-messages.ts";
import { watchThread } from "./thread-watch.ts";

/** Frames that cross to the thread at once: 100 ms. */
const PIECE_FRAMES = 10;
/** What the thread may take for one piece, or to load what finds the word "stop". */
const HANGS_MS = 5_000;

type Listener = RecordingListener | PlayingListener;

/**
 * libopusenc and libopusfile in a worker thread. It starts with the first message (some 60 ms) and stays; one that has
 * died takes its message with it and is replaced at the next.
 */
export class CodecThread implements MessageCodec {
  readonly #listeners = new Map<number, Listener>();
  #worker: Worker | null = null;
  #lastId = 0;
  #closed = false;
  readonly #onHang: (error: AudioError) => void;

  /** `onHang`: the thread does not come back, and a thread that waits in a C library cannot be ended. */
  constructor(onHang: (error: AudioError) => void = () => undefined) {
    this.#onHang = onHang;
  }

  record(listener: RecordingListener): RecordingLine {
    const { id, send } = this.#open(listener);
    send({ type: "record", id });
    let piece = new Int16Array(PIECE_FRAMES * FRAME_SAMPLES);
    let filled = 0;
    const hand = (): void => {
      if (filled === 0) return;
      const samples = piece.subarray(0, filled);
      piece = new Int16Array(PIECE_FRAMES * FRAME_SAMPLES);
      filled = 0;
      send({ type: "sound", id, samples }, [samples.buffer]);
    };
    return {
      push: (frame: Frame16k) => {
        piece.set(frame, filled);
        filled += frame.length;
        if (filled === piece.length) hand();
      },
      keep: (from, until) => {
        hand();
        send({ type: "keep", id, from, until });
      },
      askWord: (from, until) => {
        hand();
        send({ type: "is-stop", id, from, until });
      },
      finish: (from, until) => {
        hand();
        send({ type: "finish", id, from, until });
      },
      drop: () => this.#drop(id, send),
    };
  }

  play(file: Uint8Array<ArrayBuffer>, durationMs: number, listener: PlayingListener): PlayingLine {
    const { id, send } = this.#open(listener);
    send({ type: "play", id, file, durationMs }, [file.buffer]);
    return { more: () => send({ type: "more", id }), drop: () => this.#drop(id, send) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    if (worker === null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    worker.once("exit", () => resolve());
    const close: ToCodec = { type: "close" };
    worker.postMessage(close, []);
    await promise;
  }

  #open(listener: Listener): { id: number; send: (message: ToCodec, transfer?: ArrayBuffer[]) => void } {
    this.#lastId += 1;
    this.#listeners.set(this.#lastId, listener);
    const worker = this.#started();
    return { id: this.#lastId, send: (message, transfer = []) => worker.postMessage(message, transfer) };
  }

  #drop(id: number, send: (message: ToCodec) => void): void {
    if (this.#listeners.delete(id)) send({ type: "drop", id });
  }

  #started(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(new URL("./codec-worker.ts", import.meta.url));
    worker.on("message", (message: FromCodec) => this.#take(message));
    worker.on("error", (cause) => {
      this.#failAll(
        worker,
        cause instanceof AudioError ? cause : new AudioError("engine-failed", causeOf(cause), {}, cause),
      );
    });
    const stopWatch = watchThread(
      worker,
      () => HANGS_MS,
      () => {
        const error = new AudioError("engine-hangs", "the codec's thread hangs");
        this.#failAll(worker, error);
        this.#onHang(error);
      },
    );
    worker.on("exit", stopWatch);
    worker.on("exit", () => this.#failAll(worker, new AudioError("engine-failed", "the codec's thread has ended")));
    this.#worker = worker;
    return worker;
  }

  #take(message: FromCodec): void {
    const listener = this.#listeners.get(message.id);
    if (listener === undefined) return;
    switch (message.type) {
      case "failed":
        this.#listeners.delete(message.id);
        listener.onFailure(new AudioError(message.code, message.message));
        break;
      case "piece":
        if (message.last) this.#listeners.delete(message.id);
        if ("onPiece" in listener) listener.onPiece(message.samples, message.last);
        break;
      default:
        if ("onBytes" in listener) tell(listener, message);
    }
    if (message.type === "finished") this.#listeners.delete(message.id);
  }

  #failAll(worker: Worker, error: AudioError): void {
    if (worker !== this.#worker) return;
    this.#worker = null;
    const listeners = [...this.#listeners.values()];
    this.#listeners.clear();
    if (!this.#closed) for (const { onFailure } of listeners) onFailure(error);
  }
}

function tell(
  listener: RecordingListener,
  message: Extract<FromCodec, { type: "encoded" | "finished" | "word" }>,
): void {
  switch (message.type) {
    case "word":
      listener.onWord(message.isStop);
      break;
    case "encoded":
      listener.onBytes(message.bytes);
      break;
    case "finished":
      listener.onBytes(message.bytes);
      listener.onFinished(message.durationMs);
      break;
    default:
      message satisfies never;
  }
}

/** What the thread could not load is told by name. */
function causeOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : "the codec's thread failed";
}
