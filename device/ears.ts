import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { type AudioConfig, type Command, Report } from "#audio/protocol.ts";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import { leanNode } from "./lean-node.ts";

/** The audio process as the brain sees it. It may die at any time; it comes back by itself. */
export interface Ears extends AsyncDisposable {
  /**
   * Sent at once, or dropped where the process is not ready: the brain says again what matters once it is. `keep`: it
   * waits, so that the owner gets to hear what went wrong.
   */
  send(command: Command, keep?: boolean): void;
  readonly state: "starting" | "ready" | "down";
  /** Why there is no sound card, where the process runs without one; null where all is well. */
  readonly noSound: string | null;
  /** Process id, for a rig that measures; null while down. */
  readonly pid: number | null;
}

export type EarsOptions = Readonly<{
  config: AudioConfig;
  /** The unit's folder. */
  data: string;
  clock: Clock;
  log: Log;
  onReport(report: Report): void;
  /** The process is gone, whatever it was doing; a new one is on its way. */
  onDeath(): void;
}>;

const PING_EVERY_MS = 1_000;
/** A process that answers no ping for so long hangs: it is killed, and so replaced. */
const SILENT_MS = 5_000;
/** A process that dies young is started anew at this distance, doubled each time up to the longest. */
const RESTART_MS = 100;
const LONGEST_RESTART_MS = 10_000;
const YOUNG_MS = 10_000;
const MAX_KEPT = 2;

export function startEars(options: EarsOptions): Ears {
  return new ForkedEars(options);
}

class ForkedEars implements Ears {
  readonly #options: EarsOptions;
  #child: ChildProcess | null = null;
  #state: Ears["state"] = "down";
  #noSound: string | null = null;
  #closing = false;
  #startedMs = 0;
  #heardMs = 0;
  #restartMs = RESTART_MS;
  #pings = 0;
  #kept: Command[] = [];
  #cancelTimer: () => void = () => undefined;

  constructor(options: EarsOptions) {
    this.#options = options;
    this.#start();
  }

  get state(): Ears["state"] {
    return this.#state;
  }

  get noSound(): string | null {
    return this.#noSound;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  send(command: Command, keep = false): void {
    if (this.#state === "ready") this.#hand(command);
    else if (command.type === "hush") this.#kept = [];
    else if (keep) this.#kept = [...this.#kept, command].slice(-MAX_KEPT);
  }

  #hand(command: Command): void {
    if (this.#child?.connected) this.#child.send(command);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    this.#cancelTimer();
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      const cancel = this.#options.clock.after(2_000, () => child.kill("SIGKILL"));
      child.once("exit", cancel);
      if (child.connected) child.send({ type: "exit" } satisfies Command);
      else child.kill("SIGKILL");
    });
  }

  #start(): void {
    const { config, data, clock, log } = this.#options;
    const { execArgv, env } = leanNode("audio", data);
    const child = fork(fileURLToPath(new URL("../audio/main.ts", import.meta.url)), [JSON.stringify(config)], {
      serialization: "json",
      execArgv,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      // The audio process is given nothing of the brain's environment that it does not need.
      env: {
        ...pickEnv(["PATH", "HOME", "LANG", "TZ", "PORTER_LOG", "PULSE_SERVER", "XDG_RUNTIME_DIR", "TMPDIR"]),
        ...env,
      },
    });
    this.#child = child;
    this.#state = "starting";
    this.#startedMs = clock.monotonicMs();
    this.#heardMs = this.#startedMs;
    child.on("message", (message) => this.#hear(message));
    child.on("error", (error) => log.error({ code: error.name }, "the audio process could not be reached"));
    child.once("exit", (code, signal) => this.#bury(child, code, signal));
    this.#watch();
  }

  #hear(message: unknown): void {
    const parsed = v.safeParse(Report, message);
    if (!parsed.success) {
      this.#options.log.warn("a report of the audio process was not understood");
      return;
    }
    this.#heardMs = this.#options.clock.monotonicMs();
    if (parsed.output.type === "pong") return;
    if (parsed.output.type === "ready") this.#state = "ready";
    if (parsed.output.type === "sound") this.#noSound = parsed.output.lost;
    this.#options.onReport(parsed.output);
    if (parsed.output.type === "ready") for (const command of this.#kept.splice(0)) this.#hand(command);
  }

  #watch(): void {
    this.#cancelTimer = this.#options.clock.after(PING_EVERY_MS, () => {
      const silentMs = this.#options.clock.monotonicMs() - this.#heardMs;
      if (silentMs > SILENT_MS + (this.#state === "starting" ? SILENT_MS : 0)) {
        this.#options.log.error({ silentMs: Math.round(silentMs) }, "the audio process hangs: it is replaced");
        this.#child?.kill("SIGKILL");
        return;
      }
      this.#hand({ type: "ping", id: ++this.#pings });
      this.#watch();
    });
  }

  #bury(child: ChildProcess, code: number | null, signal: string | null): void {
    if (child !== this.#child) return;
    const { clock, log } = this.#options;
    this.#cancelTimer();
    this.#child = null;
    this.#state = "down";
    this.#noSound = null;
    if (this.#closing) return;
    log.warn({ code, signal }, "the audio process died: it is started again");
    const livedMs = clock.monotonicMs() - this.#startedMs;
    this.#restartMs = livedMs < YOUNG_MS ? Math.min(this.#restartMs * 2, LONGEST_RESTART_MS) : RESTART_MS;
    this.#options.onDeath();
    this.#cancelTimer = clock.after(this.#restartMs, () => this.#start());
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
