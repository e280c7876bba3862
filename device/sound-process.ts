import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import * as v from "valibot";
import { type AudioConfig, type Command, Report } from "#audio/protocol.ts";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import { confinement } from "./confine/confinement.ts";
import { leanNode } from "./lean-node.ts";

type SoundProcessOptions = Readonly<{
  /** The file that Node runs. */
  program: string;
  config: AudioConfig;
  /** The unit's folder. */
  data: string;
  /** It loads all that it needs, but opens no microphone before it is told to. */
  spare: boolean;
  clock: Clock;
  log: Log;
  onReport(report: Report): void;
  /** It is gone, or could not be started; called once, never before the constructor has returned. */
  onEnd(how: string): void;
}>;

/** What is left to it for taking leave. */
const LEAVE_MS = 2_000;
const BYTES_A_MB = 2 ** 20;
/** Of x86-64 and ARM64 Linux as Debian builds them. */
const BYTES_A_PAGE = 4_096;

/** One life of the audio process, as its parent holds it. */
export class SoundProcess {
  readonly #options: SoundProcessOptions;
  readonly #child: ChildProcess | null;
  #over = false;

  constructor(options: SoundProcessOptions) {
    this.#options = options;
    this.#child = this.#fork();
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  send(command: Command): void {
    if (this.#child?.connected) this.#child.send(command);
  }

  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  /** Has it take leave; resolves when it is gone. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child === null || this.#over) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    child.once("exit", () => resolve());
    const cancel = this.#options.clock.after(LEAVE_MS, () => child.kill("SIGKILL"));
    if (child.connected) this.send({ type: "exit" });
    else child.kill("SIGKILL");
    await promise;
    cancel();
  }

  /** Physical memory that it holds, as the kernel counts it (proc(5), statm); null where that is not known. */
  memoryMb(): number | null {
    if (this.#over || this.pid === null) return null;
    try {
      const pages = Number(readFileSync(`/proc/${this.pid}/statm`, "latin1").split(" ")[1]);
      return Number.isFinite(pages) ? (pages * BYTES_A_PAGE) / BYTES_A_MB : null;
    } catch {
      return null;
    }
  }

  #fork(): ChildProcess | null {
    const { program, config, data, spare, clock, log, onReport } = this.#options;
    const lean = leanNode("audio", data);
    const flags = lean.execArgv;
    // The audio process is given nothing of the brain's environment that it does not need.
    const env = {
      ...pickEnv(["PATH", "HOME", "LANG", "TZ", "PORTER_LOG", "PULSE_SERVER", "XDG_RUNTIME_DIR", "TMPDIR"]),
      ...lean.env,
    };
    try {
      // What it may write must be there when its rights are told.
      const { NODE_COMPILE_CACHE: cache } = lean.env;
      if (cache !== undefined) mkdirSync(cache, { recursive: true, mode: 0o700 });
      const [starter, ...words] = confinement({ config, data, env, program });
      const child = fork(program, [JSON.stringify(config), ...(spare ? ["spare"] : [])], {
        serialization: "json",
        stdio: ["ignore", "ignore", "inherit", "ipc"],
        env,
        ...(starter === undefined
          ? { execArgv: flags }
          : { execPath: starter, execArgv: [...words, process.execPath, ...flags] }),
      });
      child.on("message", (message) => {
        const parsed = v.safeParse(Report, message);
        if (!parsed.success) log.warn("a report of the audio process was not understood");
        else if (!this.#over) onReport(parsed.output);
      });
      child.once("exit", (code, signal) => this.#end(signal ?? `code ${code}`));
      child.on("error", (error) => {
        if (child.pid === undefined) this.#end(error.message);
        else log.error({ code: error.name }, "the audio process could not be reached");
      });
      return child;
    } catch (cause) {
      // No memory, no processes left: it is tried again.
      clock.after(0, () => this.#end(cause instanceof Error ? cause.message : String(cause)));
      return null;
    }
  }

  #end(how: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onEnd(how);
  }
}

function pickEnv(names: readonly string[]): NodeJS.ProcessEnv {
  const picked: NodeJS.ProcessEnv = {};
  for (const name of names) {
    const value = process.env[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
