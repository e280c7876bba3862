import { readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import os from "node:os";
import * as v from "valibot";
import { AudioError } from "../audio-error.ts";
import { EspeakSynthesiser } from "../engines/tts-espeak.ts";
import { WAKE_HEADS } from "../engines/wake-embedding.ts";
import { decodeWakeHead, encodeWakeHead } from "../engines/wake-head.ts";
import { WakeTeacher } from "../engines/wake-teach.ts";
import { RATE_HZ } from "../frame.ts";
import { type TeachReply, TeachTask } from "../protocol-teach.ts";
import { WAKE_WORDS } from "../wake-word.ts";
import { readWav } from "../wav.ts";
import { makeOthers } from "./other-speech.ts";
import { seeded } from "./vary.ts";
import { faultOf, findWord } from "./word-span.ts";

/**
 * Learns a word from an owner's recordings, away from the unit: started by `porter wake teach`, spoken to over Node IPC
 * (protocol-teach.ts). It ends when whoever started it is gone.
 */

/** Ten seconds of sound, and a header. */
const MAX_FILE_BYTES = 10 * RATE_HZ * 2 + 4_096;
/** Of what there is to do, to make and to listen to other speech. */
const OTHERS_SHARE = 0.4;

const recordings: Int16Array[] = [];

/** The unit's calls go first. */
os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
process.on("disconnect", () => process.exit(0));
process.on("message", (message) => {
  take(v.parse(TeachTask, message)).catch((cause: unknown) => {
    reply({
      type: "refused",
      why: [`It could not be learned: ${cause instanceof Error ? cause.message : String(cause)}`],
    });
  });
});

function reply(said: TeachReply): void {
  if (process.connected) process.send?.(said);
}

async function take(task: TeachTask): Promise<void> {
  switch (task.do) {
    case "hear":
      return hear(samplesOf(Buffer.from(task.sound, "base64")));
    case "hear-file":
      return hearFile(task.path);
    case "learn":
      return learn(task.word);
  }
}

function hear(samples: Int16Array): void {
  const fault = faultOf(samples, findWord(samples));
  if (fault === null) recordings.push(samples);
  reply({ type: "judged", fault });
}

function hearFile(path: string): void {
  try {
    const found = statSync(path);
    if (!found.isFile()) throw new Error("it is no file");
    if (found.size > MAX_FILE_BYTES) throw new Error("it is longer than ten seconds: one word in each");
    hear(readWav(readFileSync(path)));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const next = error instanceof AudioError ? "; sox IN -r 16000 -c 1 -b 16 OUT.wav makes one of it" : "";
    reply({ type: "judged", fault: `it cannot be read: ${why}${next}` });
  }
}

async function learn(word: string): Promise<void> {
  const others = await makeOthers(say, seeded(11), word);
  const tell = (share: number): void => reply({ type: "progress", share });
  await using teacher = await WakeTeacher.open({ ...others, onProgress: (share) => tell(OTHERS_SHARE * share) });
  const heads = await Promise.all(
    WAKE_WORDS.map(async (each) => ({ word: each, head: decodeWakeHead(await readFile(WAKE_HEADS[each])) })),
  );
  const onProgress = (share: number): void => tell(OTHERS_SHARE + (1 - OTHERS_SHARE) * share);
  const taught = await teacher.teach({ recordings, heads, onProgress });
  if (!taught.ok) return reply({ type: "refused", why: [...taught.why] });
  const head = encodeWakeHead(taught.head).toString("base64");
  reply({ type: "taught", head, heardPercent: Math.round(taught.heardPercent) });
}

async function say(text: string, voice: string, wordsPerMinute: number): Promise<Int16Array> {
  await using synthesiser = new EspeakSynthesiser({ voice, wordsPerMinute });
  const pieces: Int16Array[] = [];
  await synthesiser.speak(text, (samples) => pieces.push(samples), new AbortController().signal);
  const whole = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function samplesOf(bytes: Buffer): Int16Array {
  return Int16Array.from({ length: bytes.length >> 1 }, (_, index) => bytes.readInt16LE(index * 2));
}
