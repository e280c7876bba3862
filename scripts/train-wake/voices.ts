import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { RATE_HZ } from "#audio/frame.ts";
import { readAt16k } from "../hear/speak.ts";
import { type Clip, findWordEnd } from "./clip.ts";

const run = promisify(execFile);

/** Said after the wake word in training. */
const COMMANDS = ["call Ben", "answer", "block that caller", "hang up", "who called", "turn calling off", "call mum"];
/** Everything that is not the wake word, the nearest first. */
const OTHER_SPEECH = [
  "commuter",
  "compute",
  "computing the answer",
  "commuters need more trains",
  "the competition was computed",
  "come put her down",
  "compete with them",
  "come for tea later",
  "I am pewter grey",
  "complete the form, please",
  "a rumour came to her",
  "call Ben",
  "answer the door",
  "block that caller",
  "the weather will be fine until the evening",
  "who is calling, and what do they want from us",
  "thank you for coming, see you tomorrow",
  "it is the tutor's turn",
];

/** flite's voices, which say where each phone ends, and espeak-ng's, which are asked for the bare word instead. */
const FLITE_VOICES = ["slt", "rms", "awb", "kal16", "kal"];
const ESPEAK_VOICES = ["en-us", "en-gb", "en-us+f2", "en-gb+f4", "en-us+m3", "en-gb-scotland", "en-gb-x-rp+m7"];

export type Voices = Readonly<{ wake: Clip[]; other: Clip[] }>;

/** Speaks the wake word and other things in every voice that this machine has. */
export async function speakVoices(): Promise<Voices> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "porter-voices-"));
  try {
    const wake: Clip[] = [];
    const other: Clip[] = [];
    for (const voice of FLITE_VOICES) {
      for (const command of COMMANDS) {
        for (const text of [`computer, ${command}`, `computer ${command}`]) wake.push(await flite(folder, voice, text));
      }
      for (const stretch of ["0.8", "1.2"]) wake.push(await flite(folder, voice, "computer", stretch));
      for (const text of OTHER_SPEECH) other.push(await flite(folder, voice, text));
    }
    for (const voice of ESPEAK_VOICES) {
      for (const speed of ["140", "165", "190"]) {
        const samples = await espeak(folder, voice, "computer", speed);
        wake.push({ samples, wordEnd: findWordEnd(samples) });
      }
      for (const text of OTHER_SPEECH) other.push({ samples: await espeak(folder, voice, text, "165"), wordEnd: null });
    }
    return { wake, other };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function flite(folder: string, voice: string, text: string, stretch = "1.0"): Promise<Clip> {
  const file = path.join(folder, "flite.wav");
  const settings = ["--setf", `duration_stretch=${stretch}`];
  const { stdout } = await run("flite", ["-voice", voice, ...settings, "-psdur", "-t", text, "-o", file]);
  const samples = await readAt16k(file);
  if (!text.startsWith("computer")) return { samples, wordEnd: null };
  const end = /\b(?:er|axr):([\d.]+)/.exec(stdout)?.[1];
  return { samples, wordEnd: end === undefined ? findWordEnd(samples) : Math.round(Number(end) * RATE_HZ) };
}

async function espeak(folder: string, voice: string, text: string, wordsPerMinute: string): Promise<Int16Array> {
  const file = path.join(folder, "espeak.wav");
  await run("espeak-ng", ["-v", voice, "-s", wordsPerMinute, "-w", file, "--", text]);
  return readAt16k(file);
}
