import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FRAME_SAMPLES } from "#audio/frame.ts";
import { readWav } from "#audio/wav.ts";

/** A flite voice, half a second of silence before it and one second behind it. */
export function say(voice: string, text: string): Int16Array {
  const folder = mkdtempSync(path.join(tmpdir(), "porter-spoken-"));
  try {
    const spoken = path.join(folder, "spoken.wav");
    const padded = path.join(folder, "padded.wav");
    // flite cannot read the accent.
    execFileSync("flite", ["-voice", voice, "-t", text.replace("á", "a"), "-o", spoken]);
    execFileSync("sox", ["-D", spoken, "-r", "16000", "-c", "1", "-b", "16", padded, "pad", "0.5", "1"]);
    return readWav(readFileSync(padded));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Whole frames of 10 ms; views into the sound. */
export function* frames(sound: Int16Array): Generator<Int16Array> {
  for (let at = 0; at + FRAME_SAMPLES <= sound.length; at += FRAME_SAMPLES)
    yield sound.subarray(at, at + FRAME_SAMPLES);
}
