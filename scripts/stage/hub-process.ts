import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { HubAddress } from "#device/link/link.ts";
import type { HubConfig } from "#hub/config.ts";
import { bound } from "./bound-process.ts";
import { freePorts } from "./ports.ts";

export type HubProcessOptions = Readonly<{
  /** Of this machine, where units find it; loopback unless told. */
  host?: string;
  limits?: Partial<HubConfig["limits"]>;
  /** A module that the hub's process loads first, and what it finds in its environment: how a control breaks it. */
  preload?: string;
  environment?: Readonly<Record<string, string>>;
}>;

const MAIN = fileURLToPath(new URL("../../hub/main.ts", import.meta.url));
const LOOPBACK = "127.0.0.1";
/** On a machine that has a lot of other work. */
const STARTS_WITHIN_MS = 30_000;
const HUB_NAME = "hub.porter.test";

/** The real hub as a process of its own, with coturn beside it, on free ports of the loopback interface. */
export class HubProcess implements AsyncDisposable {
  readonly host: string;
  readonly ports: Readonly<{ mqtt: number; http: number; turn: number }>;
  readonly #config: string;
  readonly #folder: string;
  readonly #options: HubProcessOptions;
  #child: ChildProcess | null = null;

  private constructor(folder: string, config: string, ports: HubProcess["ports"], options: HubProcessOptions) {
    this.#options = options;
    this.host = options.host ?? LOOPBACK;
    this.#folder = folder;
    this.#config = config;
    this.ports = ports;
  }

  static async start(folder: string, options: HubProcessOptions = {}): Promise<HubProcess> {
    await mkdir(folder, { recursive: true });
    const [mqtt = 0, http = 0, turn = 0, relay = 0] = await freePorts(4);
    const config = join(folder, "hub.json");
    const minPort = Math.min(relay, 64_000);
    const { host = LOOPBACK } = options;
    await writeFile(
      config,
      JSON.stringify({
        name: HUB_NAME,
        data: join(folder, "data"),
        host,
        mqttPort: mqtt,
        httpPort: http,
        turn: {
          host,
          listenPort: turn,
          minPort,
          maxPort: minPort + 200,
          realm: "porter.test",
          stopWithHub: true,
        },
        ...(options.limits && { limits: options.limits }),
      }),
    );
    const hub = new HubProcess(folder, config, { mqtt, http, turn }, options);
    await hub.start();
    return hub;
  }

  /** Null while it does not run. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** As units are told of it. */
  get address(): HubAddress {
    const { mqtt, http } = this.ports;
    return { name: HUB_NAME, mqttUrl: `mqtt://${this.host}:${mqtt}`, httpUrl: `http://${this.host}:${http}` };
  }

  async start(): Promise<void> {
    // No pipe: it must be able to take its leave of a stage that is gone.
    const log = openSync(join(this.#folder, "hub.log"), "a");
    const { preload, environment } = this.#options;
    const args = [...(preload === undefined ? [] : ["--import", preload]), MAIN, "--config", this.#config];
    const env = { ...process.env, ...environment };
    const child = spawn(...bound("SIGTERM", process.execPath, args), { stdio: ["ignore", log, log], env });
    closeSync(log);
    this.#child = child;
    const deadline = Date.now() + STARTS_WITHIN_MS;
    while (Date.now() < deadline) {
      if (child.exitCode !== null) throw new Error(`the hub ended with ${child.exitCode}: see ${this.#folder}/hub.log`);
      if ((await answers(this.host, this.ports.mqtt)) && (await answers(this.host, this.ports.http))) return;
      await sleep(50);
    }
    throw new Error(`the hub did not come up within ${STARTS_WITHIN_MS / 1_000} s: see ${this.#folder}/hub.log`);
  }

  /** SIGKILL: no goodbye to anyone, and coturn goes on. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async invite(quota: number): Promise<string> {
    const args = [MAIN, "invite", "--config", this.#config, "--quota", String(quota)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return stdout.trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const timer = globalThis.setTimeout(() => child.kill("SIGKILL"), 5_000);
    await once(child, "exit");
    clearTimeout(timer);
  }
}

async function answers(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
