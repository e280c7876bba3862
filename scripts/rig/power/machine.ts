import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { MARK, Said } from "./messages.ts";

export type MachineOptions = Readonly<{
  /** Of `guest-machine.c`. */
  library: string;
  disk: string;
  /** Runs as the guest's first process; its root is the host's, read-only. */
  init: string;
  /** Becomes the environment of `init`: no value with a space or a quote. */
  env: Readonly<Record<string, string>>;
  /** Where linux.uml keeps its sockets. */
  folder: string;
  memoryMb: number;
  /** How many of a hundred written sectors the disk puts away before it is told to. */
  keeps: number;
  seed: number;
  /** The disk says that it flushed, and did not: a control. */
  lies: boolean;
  onSaid: (said: Said) => void;
  /** What else stands on the console. */
  onText: (line: string) => void;
}>;

const Line = v.pipe(v.string(), v.parseJson(), Said);
let machines = 0;
const running = new Set<Machine>();

/** For whoever is told to end: no machine is left behind. */
export async function cutAllPower(): Promise<void> {
  await Promise.all([...running].map((machine) => machine.cutPower()));
}

/** A machine of user-mode Linux. Its power is cut by killing all its processes: nothing in it hears of that. */
export class Machine implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;

  constructor({ library, disk, init, env, folder, memoryMb, keeps, seed, lies, onSaid, onText }: MachineOptions) {
    machines += 1;
    const parameters = [
      `ubd0=${disk}`,
      "root=/dev/root",
      "rootfstype=hostfs",
      "rootflags=/",
      "ro",
      `mem=${memoryMb}M`,
      "con0=null,fd:1",
      "con=null",
      "quiet",
      `uml_dir=${folder}`,
      `umid=cut-${process.pid}-${machines}`,
      `init=${init}`,
      ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ];
    const cut = { CUT_DISK: disk, CUT_DISK_KEEPS: String(keeps), CUT_DISK_SEED: String(seed) };
    this.#child = spawn("linux.uml", parameters, {
      env: { PATH: process.env.PATH, HOME: folder, LD_PRELOAD: library, ...cut, ...(lies && { CUT_DISK_LIES: "1" }) },
      stdio: ["ignore", "pipe", "ignore"],
      // A group of its own: it is many processes.
      detached: true,
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gone = promise;
    running.add(this);
    const end = () => {
      running.delete(this);
      resolve();
    };
    this.#child.once("close", end);
    this.#child.once("error", end);
    if (!this.#child.stdout) throw new Error("linux.uml has no console");
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      // A line that was begun before the cut is no line.
      const read = line.startsWith(MARK) ? v.safeParse(Line, line.slice(MARK.length)) : null;
      if (read?.success) onSaid(read.output);
      else onText(line);
    });
  }

  /** Resolves when nothing of it runs any more, and all that it said was heard. */
  async cutPower(): Promise<void> {
    if (this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null) {
      try {
        process.kill(-this.#child.pid, "SIGKILL");
      } catch {
        // It ended by itself.
      }
    }
    await this.#gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cutPower();
  }
}
