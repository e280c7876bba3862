import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { AudioError } from "#audio/audio-error.ts";
import { RATE_HZ } from "#audio/frame.ts";
import { readWav } from "#audio/wav.ts";

const run = promisify(execFile);
/** Two hours of sound; more is a mistake. */
const MAX_BYTES = 2 * 3_600 * RATE_HZ * 2;

/** Reads a WAV or FLAC file: mono, 16 kHz, 16 bit, or an AudioError `bad-sound-file` that says what else it is. */
export async function readSound(file: string): Promise<Int16Array> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw bad(file, "it cannot be read", cause);
  });
  const magic = bytes.toString("latin1", 0, 4);
  if (magic !== "RIFF" && magic !== "fLaC") throw bad(file, "it is neither WAV nor FLAC");
  try {
    return readWav(magic === "RIFF" ? bytes : await decodeFlac(file));
  } catch (cause) {
    if (cause instanceof AudioError && cause.code !== "bad-sound-file") throw cause;
    throw bad(file, cause instanceof Error ? cause.message : "it cannot be understood", cause);
  }
}

async function decodeFlac(file: string): Promise<Buffer> {
  try {
    const args = ["--decode", "--silent", "--stdout", "--", file];
    const { stdout } = await run("flac", args, { encoding: "buffer", maxBuffer: MAX_BYTES + 1_024 });
    return stdout;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw new AudioError("engine-missing", "FLAC files need the Debian package flac", { file }, cause);
    }
    throw bad(file, "flac cannot decode it", cause);
  }
}

function bad(file: string, why: string, cause?: unknown): AudioError {
  return new AudioError("bad-sound-file", `Cannot use ${file}: ${why}`, { file }, cause);
}
