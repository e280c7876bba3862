import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomBytes, randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { IceServer } from "#audio/protocol.ts";

const RELAY_PORTS = 300;
const CREDENTIAL_SECONDS = 3_600;
const ATTEMPTS = 3;
/** Ends the relay as soon as standard input closes: it must not outlive a test run that was killed. */
const GUARDED = 'turnserver -c "$0" >/dev/null 2>&1 & relay=$!; cat >/dev/null; kill -9 $relay';

/** A TURN relay of a test's own, on loopback and on ports that nobody else uses. */
export class Coturn implements AsyncDisposable {
  #child: ChildProcess;
  readonly #folder: string;
  readonly #secret: string;
  readonly port: number;

  private constructor(child: ChildProcess, folder: string, secret: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.#secret = secret;
    this.port = port;
  }

  static async start(): Promise<Coturn> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const relay = await Coturn.#startOnce();
      if (await relay.#answers()) return relay;
      // Somebody else took the port in between.
      await relay[Symbol.asyncDispose]();
    }
    throw new Error("coturn did not start: is the Debian package coturn installed?");
  }

  static async #startOnce(): Promise<Coturn> {
    const folder = await mkdtemp(join(tmpdir(), "porter-coturn-"));
    const secret = randomBytes(16).toString("hex");
    const port = await freePort();
    const firstRelayPort = randomInt(40_000, 60_000);
    const lines = [
      "listening-ip=127.0.0.1",
      "relay-ip=127.0.0.1",
      `listening-port=${port}`,
      `min-port=${firstRelayPort}`,
      `max-port=${firstRelayPort + RELAY_PORTS}`,
      "use-auth-secret",
      `static-auth-secret=${secret}`,
      "realm=porter.test",
      "fingerprint",
      "no-cli",
      "no-tcp",
      "no-tls",
      "no-dtls",
      "no-multicast-peers",
      "allow-loopback-peers",
      "log-file=stdout",
      `pidfile=${join(folder, "turn.pid")}`,
      `userdb=${join(folder, "turndb")}`,
    ];
    await writeFile(configIn(folder), `${lines.join("\n")}\n`);
    return new Coturn(guarded(folder), folder, secret, port);
  }

  /** A unit's way to this relay, with credentials as the hub would hand them out. */
  iceServers(name: string): IceServer[] {
    const username = `${Math.floor(Date.now() / 1_000) + CREDENTIAL_SECONDS}:${name}`;
    const credential = createHmac("sha1", this.#secret).update(username).digest("base64");
    return [{ urls: `turn:127.0.0.1:${this.port}?transport=udp`, username, credential }];
  }

  /** Ends it at once, as a power cut would. */
  kill(): void {
    this.#child.stdin?.destroy();
  }

  /** Another in its place, as after a power cut: the same port and secret, but it knows of no allocation. */
  async restart(): Promise<void> {
    await this.#end();
    this.#child = guarded(this.#folder);
    if (!(await this.#answers())) throw new Error("coturn did not start again");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, "close");
    this.kill();
    await closed;
  }

  /** Sends STUN binding requests (RFC 8489) until one is answered; false after five seconds. */
  async #answers(): Promise<boolean> {
    const socket = createSocket("udp4");
    socket.on("error", () => undefined);
    const answered = once(socket, "message").then(() => true);
    const request = Buffer.concat([Buffer.from("000100002112a442", "hex"), randomBytes(12)]);
    let answers = false;
    for (let attempt = 0; attempt < 100 && !answers; attempt += 1) {
      socket.send(request, this.port, "127.0.0.1");
      answers = await Promise.race([answered, sleep(50, false)]);
    }
    socket.close();
    return answers;
  }
}

function configIn(folder: string): string {
  return join(folder, "turn.conf");
}

function guarded(folder: string): ChildProcess {
  return spawn("sh", ["-c", GUARDED, configIn(folder)], { stdio: ["pipe", "ignore", "ignore"] });
}

async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}
