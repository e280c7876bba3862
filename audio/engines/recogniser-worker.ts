import { parentPort } from "node:worker_threads";
import { AudioError } from "../audio-error.ts";
import { CommandDecoder } from "./command-decoder.ts";
import type { FromWorker, ToWorker } from "./recogniser-messages.ts";

/** The recogniser's thread: takes one message after the other, so sound that comes while it is busy waits in order. */
if (parentPort === null) throw new Error("This file is a worker thread's");
const port = parentPort;

/** One message after the other, also where one takes its time. */
let busy: Promise<void> = CommandDecoder.open().then(
  (decoder) => {
    port.on("message", (message: ToWorker) => {
      busy = busy.then(() => take(decoder, message));
    });
    send({ type: "ready" });
  },
  (cause: unknown) => {
    fail(null, cause);
  },
);

async function take(decoder: CommandDecoder, message: ToWorker): Promise<void> {
  const id = "id" in message ? message.id : null;
  try {
    switch (message.type) {
      case "set-grammar":
        decoder.setGrammar(message.jsgf);
        send({ type: "done", id: message.id });
        break;
      case "set-wake-word":
        decoder.setWakeWord(message.words);
        break;
      case "start":
        decoder.start(message.jsgf);
        break;
      case "sound":
        decoder.feed(message.samples);
        break;
      case "finish":
        send({ type: "heard", id: message.id, ...(await decoder.finish()) });
        sweep();
        break;
      case "is-wake-word":
        send({ type: "wake-word", id: message.id, said: await decoder.isWakeWord(message.samples) });
        sweep();
        break;
      case "close":
        await decoder[Symbol.asyncDispose]();
        port.close();
        break;
      default:
        message satisfies never;
    }
  } catch (cause) {
    fail(id, cause);
  }
}

/**
 * This thread's heap: V8 takes what onnxruntime gives for small, and lets the results of several utterances wait, some
 * 10 MB each. Nothing where Node was not told to allow it.
 */
function sweep(): void {
  globalThis.gc?.();
}

function send(message: FromWorker): void {
  port.postMessage(message);
}

function fail(id: number | null, cause: unknown): void {
  const known = cause instanceof AudioError;
  const message = cause instanceof Error ? cause.message : String(cause);
  send({ type: "failed", id, code: known ? cause.code : "engine-failed", message });
}
