import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { HubConfig } from "#hub/config.ts";

const MAIN = join(import.meta.dirname, "../../hub/main.ts");
const READY_WITHIN_MS = 20_000;
const RELAY_PORTS = 60;

export type HubFixtureOptions = Readonly<{
  limits?: Partial<HubConfig["limits"]>;
  /** Runs coturn beside it. Off where a test needs no relay. */
  relay?: boolean;
  credentialLifetimeS?: number;
  /** False leaves coturn running when the hub is stopped, as in a house; disposing the fixture still ends it. */
  stopRelayWithHub?: boolean;
  /** A module that the hub's process loads first: how a control breaks what its test holds. */
  preload?: string;
  environment?: Readonly<Record<string, string>>;
}>;

export interface HubFixture extends AsyncDisposable {
  readonly name: string;
  readonly httpUrl: string;
  readonly mqttUrl: string;
  readonly mqttPort: number;
  readonly dataFolder: string;
  readonly configPath: string;
  /** What the hub said on standard error, as it was. */
  readonly log: readonly string[];
  readonly pid: number;
  /** An invitation's code, made by the command that an operator uses. */
  invite(quota: number): Promise<string>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it is gone. */
  stop(): Promise<void>;
  /** Starts it again on the same ports and data, after ending it if it still runs. */
  restart(): Promise<void>;
}

/** A real hub: `node hub/main.ts` as a process of its own, on free ports of loopback, in a temporary folder. */
export async function startHub(options: HubFixtureOptions = {}): Promise<HubFixture> {
  const folder = await mkdtemp(join(tmpdir(), "porter-hub-"));
  const [mqttPort, httpPort, listenPort] = await freePorts();
  const minPort = 20_000 + Math.floor(Math.random() * 20_000);
  const stopWithHub = options.stopRelayWithHub ?? true;
  const relay = {
    host: "127.0.0.1",
    listenPort,
    minPort,
    maxPort: minPort + RELAY_PORTS - 1,
    realm: "porter",
    credentialLifetimeS: options.credentialLifetimeS ?? 3_600,
    stopWithHub,
  };
  const config = {
    name: "hub.test",
    data: join(folder, "data"),
    host: "127.0.0.1",
    mqttPort,
    httpPort,
    turn: options.relay ? relay : null,
    ...(options.limits && { limits: options.limits }),
  };
  const configPath = join(folder, "hub.json");
  await writeFile(configPath, JSON.stringify(config));
  const hub = new HubProcess(config, configPath, folder, options);
  await hub.start();
  return hub;
}

class HubProcess implements HubFixture {
  readonly name: string;
  readonly httpUrl: string;
  readonly mqttUrl: string;
  readonly mqttPort: number;
  readonly dataFolder: string;
  readonly configPath: string;
  readonly log: string[] = [];
  readonly #folder: string;
  readonly #options: HubFixtureOptions;
  readonly #relay: { stopWithHub: boolean } | null;
  #child: ChildProcess | null = null;

  constructor(
    config: { name: string; data: string; mqttPort: number; httpPort: number; turn: { stopWithHub: boolean } | null },
    configPath: string,
    folder: string,
    options: HubFixtureOptions,
  ) {
    this.#options = options;
    this.name = config.name;
    this.httpUrl = `http://127.0.0.1:${config.httpPort}`;
    this.mqttUrl = `mqtt://127.0.0.1:${config.mqttPort}`;
    this.mqttPort = config.mqttPort;
    this.dataFolder = config.data;
    this.configPath = configPath;
    this.#folder = folder;
    this.#relay = config.turn;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async start(): Promise<void> {
    const { preload, environment } = this.#options;
    const parameters = [...(preload ? ["--import", preload] : []), MAIN, "--config", this.configPath];
    const env = { ...process.env, ...environment };
    const child = spawn(process.execPath, parameters, { stdio: ["ignore", "ignore", "pipe"], env });
    this.#child = child;
    const ready = Promise.withResolvers<void>();
    createInterface({ input: child.stderr }).on("line", (line) => {
      this.log.push(line);
      if (line.includes('"msg":"ready"')) ready.resolve();
    });
    child.once("exit", () => ready.reject(new Error(`the hub ended:\n${this.log.slice(-20).join("\n")}`)));
    const late = setTimeout(() => ready.reject(new Error("the hub was not ready in time")), READY_WITHIN_MS);
    await ready.promise.finally(() => clearTimeout(late));
  }

  async invite(quota: number): Promise<string> {
    const parameters = [MAIN, "invite", "--config", this.configPath, "--quota", String(quota)];
    const { stdout } = await promisify(execFile)(process.execPath, parameters);
    return stdout.trim();
  }

  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  async restart(): Promise<void> {
    await this.#end("SIGTERM");
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#relay && (!this.#child || !this.#relay.stopWithHub)) await this.#endRelay();
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Only a hub that may stop its relay knows how: it adopts the one that runs and takes it along. */
  async #endRelay(): Promise<void> {
    const config = JSON.parse(await readFile(this.configPath, "utf8"));
    await writeFile(this.configPath, JSON.stringify({ ...config, turn: { ...config.turn, stopWithHub: true } }));
    await this.restart();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }
}

export async function freePorts(): Promise<[number, number, number]> {
  const servers = [createServer(), createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      return typeof address === "object" && address ? address.port : 0;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  const [first = 0, second = 0, third = 0] = ports;
  return [first, second, third];
}
