import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Ask, ControlClient } from "#device/control/client.ts";
import type { Reply, TimelineLine } from "#device/control/requests.ts";
import { leanNode } from "#device/lean-node.ts";
import { bound } from "./bound-process.ts";
import type { TapPorts } from "./tap.ts";

const MAIN = fileURLToPath(new URL("../../device/main.ts", import.meta.url));

/** On a machine that has a lot of other work. */
const STARTS_WITHIN_MS = 60_000;

export type UnitOptions = Readonly<{
  name: string;
  folder: string;
  hubName: string;
  /** Where its wires are; loopback unless told. */
  host?: string;
  wires: TapPorts;
  invitation: string;
  ringBackMs?: number;
  audio?: Record<string, unknown>;
  /** What else stands in its config. */
  settings?: Record<string, unknown>;
  /** What else stands in its environment. */
  environment?: Readonly<Record<string, string>>;
  onLine?(line: TimelineLine): void;
}>;

/** One unit as its owner's home has it: the real processes, spoken to by its room, its board and its two sockets. */
export class UnitProcess implements AsyncDisposable {
  readonly name: string;
  readonly folder: string;
  /** What the unit told of itself, oldest first, over all its lives. */
  readonly timeline: TimelineLine[] = [];
  readonly #config: string;
  readonly #waiting = new Set<() => void>();
  readonly #onLine: (line: TimelineLine) => void;
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;
  #control: ControlClient | null = null;
  #bench: ControlClient | null = null;

  private constructor({ name, folder, onLine, environment = {} }: UnitOptions) {
    this.#environment = environment;
    this.#onLine = onLine ?? (() => undefined);
    this.name = name;
    this.folder = folder;
    this.#config = join(folder, "unit.json");
  }

  static async start(options: UnitOptions): Promise<UnitProcess> {
    const { folder, name, hubName, host = "127.0.0.1", wires, invitation, ringBackMs, audio, settings } = options;
    await mkdir(folder, { recursive: true });
    const unit = new UnitProcess(options);
    await writeFile(
      unit.#config,
      JSON.stringify({
        name,
        data: join(folder, "data"),
        hub: {
          name: hubName,
          mqttUrl: `mqtt://${host}:${wires.mqtt}`,
          httpUrl: `http://${host}:${wires.http}`,
        },
        invitation,
        board: "sim",
        audio: { io: { type: "room" }, ...audio },
        ...(ringBackMs !== undefined && { ringBackMs }),
        ...settings,
      }),
    );
    await unit.start();
    return unit;
  }

  /** Starts it (again) and waits until it listens. */
  async start(): Promise<void> {
    const log = openSync(join(this.folder, "unit.log"), "a");
    const { execArgv, env } = leanNode("brain", join(this.folder, "data"));
    const child = spawn(...bound("SIGTERM", process.execPath, [...execArgv, MAIN, "--config", this.#config]), {
      stdio: ["ignore", log, log],
      env: { ...process.env, ...env, ...this.#environment },
    });
    closeSync(log);
    this.#child = child;
    await this.until(async () => {
      if (child.exitCode !== null) throw new Error(`${this.name}'s unit ended: see ${this.folder}/unit.log`);
      this.#control ??= await ControlClient.connect(join(this.folder, "data", "control.sock")).catch(() => null);
      this.#bench ??= await ControlClient.connect(join(this.folder, "data", "bench.sock")).catch(() => null);
      if (!this.#control || !this.#bench) return false;
      const { audio } = await this.ask({ do: "status" });
      return audio === "ready";
    }, STARTS_WITHIN_MS);
    this.#bench?.onEvent((line) => {
      this.timeline.push(line);
      this.#onLine(line);
      for (const wake of this.#waiting) wake();
    });
    await this.ask({ do: "events" });
  }

  /** The two processes of a unit that runs. */
  async pids(): Promise<Readonly<{ brain: number; audio: number }>> {
    const brain = this.#child?.pid;
    if (brain === undefined) throw new Error(`${this.name}'s unit is not running`);
    const children = await readFile(`/proc/${brain}/task/${brain}/children`, "utf8");
    for (const child of children.trim().split(" ")) {
      const what = await readFile(`/proc/${child}/cmdline`, "utf8");
      if (what.includes("audio/main.ts")) return { brain, audio: Number(child) };
    }
    throw new Error(`${this.name}'s unit has no audio process`);
  }

  /** The audio process dies, as if it had crashed. */
  async killEars(): Promise<void> {
    process.kill((await this.pids()).audio, "SIGKILL");
  }

  /** Waits until the hub knows this unit. */
  async connected(): Promise<void> {
    await this.until(async () => (await this.ask({ do: "status" })).hub === "connected", STARTS_WITHIN_MS);
  }

  /** Asks over the control socket, or the bench for what only a rig may do; a refusal throws. */
  async ask<A extends Ask>(ask: A): Promise<Extract<Reply<A["do"]>, { ok: true }>["answer"]> {
    const client = BENCH.has(ask.do) ? this.#bench : this.#control;
    if (!client) throw new Error(`${this.name}'s unit is not running`);
    const reply = await client.ask(ask, ask.do === "play" ? null : 10_000);
    if (!reply.ok) throw new Error(`${this.name}: ${ask.do}: ${reply.error.message}`);
    return reply.answer;
  }

  /** The first line at or after `since` that fits; rejects where none comes in time. */
  async happens(
    what: string,
    fits: (line: TimelineLine) => boolean,
    { since, withinMs = 10_000 }: { since: number; withinMs?: number },
  ): Promise<TimelineLine> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const found = this.timeline.find((line) => line.at >= since && fits(line));
      if (found) return found;
      const leftMs = deadline - Date.now();
      if (leftMs <= 0) throw new Error(`${this.name}: ${what} did not happen within ${withinMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = globalThis.setTimeout(wake, leftMs);
        const waiting = this.#waiting;
        function wake(): void {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve();
        }
        waiting.add(wake);
      });
    }
  }

  async until(holds: () => Promise<boolean>, withinMs: number): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`${this.name}'s unit did not get there within ${withinMs} ms`);
      await sleep(50);
    }
  }

  /** Power off: SIGKILL to the brain; the audio process ends with it. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    await this.#control?.[Symbol.asyncDispose]();
    await this.#bench?.[Symbol.asyncDispose]();
    this.#control = null;
    this.#bench = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const timer = globalThis.setTimeout(() => child.kill("SIGKILL"), 5_000);
    await once(child, "exit");
    clearTimeout(timer);
  }
}

const BENCH: ReadonlySet<string> = new Set([
  "play",
  "record",
  "press",
  "hold",
  "release",
  "mute",
  "lights",
  "cut-uplink",
  "events",
]);
