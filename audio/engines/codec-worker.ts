import { parentPort } from "node:worker_threads";
import { AudioError } from "../audio-error.ts";
import type { FromCodec, ToCodec } from "./codec-messages.ts";
import { Playing } from "./codec-playing.ts";
import { Recording } from "./codec-recording.ts";
import { StopWord } from "./stop-word.ts";

/** The thread that makes files of messages, and sound of files: one message after the other, apart from the 10 ms path. */
if (parentPort === null) throw new Error("This file is a worker thread's");
const port = parentPort;

const recordings = new Map<number, Recording>();
const playings = new Map<number, Playing>();
let stopWord: StopWord | null = null;

port.on("message", (message: ToCodec) => {
  try {
    take(message);
  } catch (cause) {
    if ("id" in message) fail(message.id, cause);
  }
});

function take(message: ToCodec): void {
  switch (message.type) {
    case "record":
      recordings.set(message.id, new Recording());
      break;
    case "sound":
      recordings.get(message.id)?.add(message.samples);
      break;
    case "keep":
    case "finish":
    case "is-stop":
      takeOfRecording(message);
      break;
    case "play":
      playings.set(message.id, new Playing(message.file, message.durationMs));
      break;
    case "more": {
      const piece = playings.get(message.id)?.next();
      if (piece) send({ type: "piece", id: message.id, ...piece }, [piece.samples.buffer]);
      if (piece?.last) drop(message.id);
      break;
    }
    case "drop":
      drop(message.id);
      break;
    case "close":
      for (const id of [...recordings.keys(), ...playings.keys()]) drop(id);
      stopWord?.[Symbol.dispose]();
      port.close();
      break;
    default:
      message satisfies never;
  }
}

function takeOfRecording(message: Extract<ToCodec, { from: number }>): void {
  const { id, from, until } = message;
  const recording = recordings.get(id);
  if (recording === undefined) return;
  switch (message.type) {
    case "keep": {
      const bytes = recording.keep(from, until);
      if (bytes.length > 0) send({ type: "encoded", id, bytes });
      break;
    }
    case "finish":
      send({ type: "finished", id, ...recording.finish(from, until) });
      drop(id);
      break;
    case "is-stop": {
      stopWord ??= new StopWord();
      send({ type: "word", id, isStop: stopWord.isStop(recording.heard(from, until)) });
      break;
    }
    default:
      message satisfies never;
  }
}

function drop(id: number): void {
  recordings.get(id)?.[Symbol.dispose]();
  playings.get(id)?.[Symbol.dispose]();
  recordings.delete(id);
  playings.delete(id);
}

function send(message: FromCodec, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function fail(id: number, cause: unknown): void {
  drop(id);
  const message = cause instanceof Error ? cause.message : String(cause);
  send({ type: "failed", id, code: cause instanceof AudioError ? cause.code : "engine-failed", message });
}
