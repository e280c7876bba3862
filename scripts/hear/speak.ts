import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { RATE_HZ } from "#audio/frame.ts";
import { readWav } from "#audio/wav.ts";

const run = promisify(execFile);

/** A synthetic voice of this machine: flite's by its name, espeak-ng's by its language and variant. */
export type SpeakingVoice = Readonly<{ by: "flite" | "espeak"; name: string }>;

/** `text` as `voice` says it: mono, 16 kHz, 16 bit; the same each time. */
export async function speak({ by, name }: SpeakingVoice, text: string): Promise<Int16Array> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "porter-speak-"));
  try {
    const file = path.join(folder, "spoken.wav");
    if (by === "flite") await run("flite", ["-voice", name, "-t", text, "-o", file]);
    else await run("espeak-ng", ["-v", name, "-s", "160", "-w", file, "--", text]);
    return await readAt16k(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads whatever sox can read. */
export async function readAt16k(file: string): Promise<Int16Array> {
  // -D: no dither, so that the same text is the same sound each time.
  const args = ["-D", file, "-r", String(RATE_HZ), "-c", "1", "-b", "16", "-e", "signed-integer", "-t", "wav", "-"];
  const { stdout } = await run("sox", args, { encoding: "buffer", maxBuffer: 1 << 26 });
  return readWav(stdout);
}
