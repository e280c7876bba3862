import { parentPort } from "node:worker_threads";
import { CommandDecoder } from "#audio/engines/command-decoder.ts";
import type { Asked, Decoded } from "./decode.ts";

/** Sound goes to the decoder in pieces, as on a unit. */
const PIECE_SAMPLES = 800;

/** One thread of `decode.ts`: the recogniser of a unit, an utterance at a time. */
const decoder = new CommandDecoder();

parentPort?.on("message", ({ jsgf, samples }: Asked) => {
  decoder.setGrammar(jsgf);
  const startedUs = usedUs();
  decoder.start();
  for (let at = 0; at < samples.length; at += PIECE_SAMPLES) decoder.feed(samples.slice(at, at + PIECE_SAMPLES));
  const endedUs = usedUs();
  const heard = decoder.finish();
  const doneUs = usedUs();
  const answer: Decoded = { ...heard, cpuMs: (doneUs - startedUs) / 1_000, endCpuMs: (doneUs - endedUs) / 1_000 };
  parentPort?.postMessage(answer, []);
});

function usedUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
