import { parentPort } from "node:worker_threads";
import { CommandDecoder } from "#audio/engines/command-decoder.ts";
import type { Heard } from "./ears.ts";
import type { Asked } from "./unit-ears.ts";

/** Sound goes to the decoder in pieces, as on a unit. */
const PIECE_SAMPLES = 800;

/** One thread of `unit-ears.ts`. */
const decoder = await CommandDecoder.open();

parentPort?.on("message", (asked: Asked) => {
  void answer(asked);
});

async function answer({ jsgf, samples }: Asked): Promise<void> {
  decoder.setGrammar(jsgf);
  const startedUs = usedUs();
  decoder.start();
  for (let at = 0; at < samples.length; at += PIECE_SAMPLES) decoder.feed(samples.slice(at, at + PIECE_SAMPLES));
  const endedUs = usedUs();
  const words = await decoder.finish();
  const doneUs = usedUs();
  const heard: Heard = { ...words, cpuMs: (doneUs - startedUs) / 1_000, endCpuMs: (doneUs - endedUs) / 1_000 };
  parentPort?.postMessage(heard, []);
}

function usedUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
