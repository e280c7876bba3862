import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";
import { promisify } from "node:util";

const RATE_HZ = 16_000;
/** The recorder hands over pieces of 100 ms; what is later by more than this was lost, and is filled with silence. */
const LOST_MS = 250;

/** What a unit's sound card is wired to: plays into its microphone, and records its loudspeaker. */
export class SoundCard implements AsyncDisposable {
  readonly #names: Readonly<{ play: string; record: string }>;
  #recorder: ChildProcess | null = null;
  #file: WriteStream | null = null;

  constructor(names: Readonly<{ play: string; record: string }>) {
    this.#names = names;
  }

  /** Plays a WAV file; resolves when it is over. */
  async play(path: string): Promise<void> {
    await promisify(execFile)("aplay", ["-q", "-D", this.#names.play, path]);
  }

  /** Records into `path`, 16 kHz mono s16 without a header; `onStart` says when by `nowMs` the file begins. */
  record(path: string, nowMs: () => number, onStart: (atMs: number) => void): void {
    const args = ["-q", "-D", this.#names.record, "-f", "S16_LE", "-r", String(RATE_HZ), "-c", "1", "-t", "raw"];
    const child = spawn("arecord", [...args, "--period-size=1600", "--buffer-size=32000", "-"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const file = createWriteStream(path);
    this.#recorder = child;
    this.#file = file;
    let startedMs: number | null = null;
    let writtenMs = 0;
    child.stdout.on("data", (bytes: Buffer) => {
      const piecesMs = msOf(bytes.length);
      if (startedMs === null) {
        startedMs = nowMs() - piecesMs;
        onStart(startedMs);
      }
      const lostMs = Math.floor(nowMs() - startedMs - writtenMs - piecesMs);
      if (lostMs > LOST_MS) {
        file.write(Buffer.alloc(bytesOf(lostMs)));
        writtenMs += lostMs;
      }
      file.write(bytes);
      writtenMs += piecesMs;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#recorder?.kill("SIGTERM");
    const file = this.#file;
    if (file) await new Promise<void>((resolve) => file.end(() => resolve()));
  }
}

function msOf(bytes: number): number {
  return (bytes / 2 / RATE_HZ) * 1_000;
}

function bytesOf(ms: number): number {
  return Math.round((ms * RATE_HZ) / 1_000) * 2;
}
