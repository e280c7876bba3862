import { createHmac, randomBytes } from "node:crypto";
import { chmod, mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { resolve as absolute, join } from "node:path";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { AccountId } from "#device/keys/account.ts";
import type { TurnConfig } from "./config.ts";
import { alive, endProcess, type Running, runningFrom, startDetached } from "./detached.ts";
import { answersStun } from "./stun.ts";

/** What a unit needs to use the relay (draft-uberti-behave-turn-rest-00). */
export type TurnGrant = Readonly<{ urls: string; username: string; credential: string; expiresMs: number }>;

export type TurnOptions = Readonly<{ config: TurnConfig; dataFolder: string; clock: Clock; log: Log }>;

const WATCH_MS = 500;
const RESTART_AFTER_MS = 200;
const DAY_MS = 86_400_000;
const BINARY = "turnserver";

/**
 * A coturn of our own. It outlives the hub, so that a hub's death ends no call: a hub that starts finds it by its pid
 * file and adopts it, and starts another where there is none, or where it was started with another configuration.
 */
export class TurnRelay implements AsyncDisposable {
  readonly #options: TurnOptions;
  readonly #folder: string;
  readonly #secret: string;
  readonly #configuration: string;
  #running: Running | null = null;
  #cancelWatch: () => void = () => {};
  #ended = false;

  private constructor(options: TurnOptions, folder: string, secret: string) {
    this.#options = options;
    this.#folder = folder;
    this.#secret = secret;
    this.#configuration = configurationOf(options.config, folder, secret);
  }

  static async open(options: TurnOptions): Promise<TurnRelay> {
    // Absolute: coturn starts in this folder, and one that finds no configuration relays for anybody on every address.
    const folder = absolute(options.dataFolder, "turn");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const relay = new TurnRelay(options, folder, await persistedSecret(folder));
    await relay.#adoptOrStart();
    relay.#watch();
    return relay;
  }

  /** Credentials for a while. The user name is a pseudonym of the day, so that the relay's log names nobody. */
  grant(account: AccountId): TurnGrant {
    const { config, clock } = this.#options;
    const nowMs = clock.nowMs();
    const expiresS = Math.floor(nowMs / 1_000) + config.credentialLifetimeS;
    const day = Math.floor(nowMs / DAY_MS);
    const pseudonym = createHmac("sha256", this.#secret).update(`${day} ${account}`).digest("hex").slice(0, 16);
    const username = `${expiresS}:${pseudonym}`;
    const credential = createHmac("sha1", this.#secret).update(username).digest("base64");
    const host = config.host.includes(":") ? `[${config.host}]` : config.host;
    return {
      urls: `turn:${host}:${config.listenPort}?transport=udp`,
      username,
      credential,
      expiresMs: expiresS * 1_000,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#cancelWatch();
    if (!this.#options.config.stopWithHub || !this.#running) return;
    await endProcess(this.#running);
    await rm(join(this.#folder, "pid"), { force: true });
  }

  async #adoptOrStart(): Promise<void> {
    const { log } = this.#options;
    const configPath = join(this.#folder, "turnserver.conf");
    const found = await runningFrom(join(this.#folder, "pid"), configPath);
    const unchanged = (await readFile(configPath, "utf8").catch(() => "")) === this.#configuration;
    if (found && unchanged) {
      this.#running = found;
      log.info("adopted the relay that was running");
      return;
    }
    if (found) await endProcess(found);
    await writeAtomically(configPath, this.#configuration);
    const started = await startDetached(BINARY, ["-c", configPath], this.#folder);
    const { host, listenPort } = this.#options.config;
    if (!(await answersStun(host, listenPort))) {
      await endProcess(started);
      throw new Error(`coturn does not answer on ${host}:${listenPort}: is that an address of this machine, and free?`);
    }
    this.#running = started;
    await writeAtomically(join(this.#folder, "pid"), JSON.stringify(this.#running));
    log.info("started the relay");
  }

  #watch(): void {
    this.#cancelWatch = this.#options.clock.after(WATCH_MS, () => {
      this.#restartIfDead().then(
        () => this.#watchOn(),
        (error: unknown) => {
          this.#options.log.error({ reason: String(error) }, "the relay cannot be started");
          this.#watchOn();
        },
      );
    });
  }

  #watchOn(): void {
    if (!this.#ended) this.#watch();
  }

  async #restartIfDead(): Promise<void> {
    if (this.#running && (await alive(this.#running))) return;
    this.#options.log.warn("the relay is gone; starting another");
    await new Promise<void>((resolve) => this.#options.clock.after(RESTART_AFTER_MS, resolve));
    if (!this.#ended) await this.#adoptOrStart();
  }
}

/**
 * A closed relay: it relays to its own address only, where the other unit's allocation is. Loopback peers only where
 * the relay itself is on loopback. No TLS (wrtc cannot use it), no TCP relays, no command line.
 */
function configurationOf(config: TurnConfig, folder: string, secret: string): string {
  const loopback = config.host.startsWith("127.") || config.host === "::1";
  return [
    `listening-ip=${config.host}`,
    `relay-ip=${config.host}`,
    `listening-port=${config.listenPort}`,
    `min-port=${config.minPort}`,
    `max-port=${config.maxPort}`,
    `realm=${config.realm}`,
    "use-auth-secret",
    `static-auth-secret=${secret}`,
    "fingerprint",
    "no-cli",
    "no-tls",
    "no-dtls",
    "no-tcp-relay",
    "no-multicast-peers",
    "denied-peer-ip=0.0.0.0-255.255.255.255",
    "denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    `allowed-peer-ip=${config.host}`,
    ...(loopback ? ["allow-loopback-peers"] : []),
    // A killed unit leaves its allocations until they expire.
    "user-quota=64",
    "total-quota=4096",
    "stale-nonce=600",
    // Everything that coturn writes goes here, and not into the folder it was started in.
    `userdb=${join(folder, "turndb")}`,
    `pidfile=${join(folder, "turnserver.pid")}`,
    `log-file=${join(folder, "turnserver.log")}`,
    "simple-log",
    "",
  ].join("\n");
}

async function persistedSecret(folder: string): Promise<string> {
  const path = join(folder, "secret");
  const found = await readFile(path, "utf8").catch(() => "");
  if (/^[0-9a-f]{64}$/.test(found)) return found;
  const secret = randomBytes(32).toString("hex");
  await writeAtomically(path, secret);
  return secret;
}

/** 0600, and either the old or the new content after a power cut. */
async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  await writeFile(temporary, text, { mode: 0o600 });
  await chmod(temporary, 0o600);
  {
    await using file = await open(temporary, "r+");
    await file.sync();
  }
  await rename(temporary, path);
}
