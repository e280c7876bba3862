import { type ChildProcess, execFile, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as v from "valibot";
import { type Command, type IceServer, Report } from "#audio/protocol.ts";

const MAIN = fileURLToPath(new URL("../../audio/main.ts", import.meta.url));
const run = promisify(execFile);

type Kind = Report["type"];
type Of<T extends Kind> = Extract<Report, { type: T }>;

/** A real audio process with a simulated room; the test is its brain. */
export class AudioProcess implements AsyncDisposable {
  readonly reports: Report[] = [];
  readonly child: ChildProcess;
  /** How far the reports of each type have been handed out. */
  readonly #seen = new Map<Kind, number>();
  readonly #waiting = new Set<() => void>();
  #lastId = 0;

  private constructor(child: ChildProcess) {
    this.child = child;
    child.on("message", (message) => {
      const report = v.parse(Report, message);
      if (report.type === "beat") return;
      this.reports.push(report);
      this.#wakeAll();
    });
    child.on("exit", () => this.#wakeAll());
  }

  /**
   * `config`: what differs from a quiet room, as AudioConfig; `environment`: what its process is given besides; `hearing`: it
   * is told that the mute switch is off; `program`: another `audio/main.ts`, with the Node that runs it.
   */
  static async start(
    config: Record<string, unknown> = {},
    environment: NodeJS.ProcessEnv = {},
    hearing = true,
    program: Readonly<{ main: string; node: string }> = { main: MAIN, node: process.execPath },
  ): Promise<AudioProcess> {
    const argument = JSON.stringify({ io: { type: "room" }, ...config });
    const env = { ...process.env, PORTER_LOG: "warn", ...environment };
    const child = fork(program.main, [argument], { env, execPath: program.node });
    const started = new AudioProcess(child);
    await started.next("ready");
    if (hearing) started.send({ type: "set-mute", engaged: false });
    return started;
  }

  send(command: Command): void {
    // A process that died is told of by whoever waits for its answer.
    if (this.child.connected) this.child.send(command);
  }

  /** The first report of this type that was not handed out yet. */
  async next<T extends Kind>(type: T, patienceMs = 15_000): Promise<Of<T>> {
    const untilMs = Date.now() + patienceMs;
    for (;;) {
      for (const [index, report] of this.reports.entries()) {
        if (index < (this.#seen.get(type) ?? 0) || !isOf(report, type)) continue;
        this.#seen.set(type, index + 1);
        return report;
      }
      const leftMs = untilMs - Date.now();
      const gone = this.child.exitCode ?? this.child.signalCode;
      if (leftMs <= 0 || gone !== null)
        throw new Error(`no ${type} came${gone === null ? "" : `, the process ended with ${gone}`}: ${this.#story()}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, leftMs);
      this.#waiting.add(resolve);
      await promise;
      clearTimeout(timer);
    }
  }

  /** Plays a WAV file in the room and waits until it is over. */
  async hears(path: string, gainDb = 0): Promise<void> {
    await this.#done({ type: "room-play", id: ++this.#lastId, path, gainDb });
  }

  async record(folder: string | null): Promise<void> {
    await this.#done({ type: "room-record", id: ++this.#lastId, folder });
  }

  async cutUplink(cut: boolean): Promise<void> {
    await this.#done({ type: "room-cut-uplink", id: ++this.#lastId, cut });
  }

  async exited(): Promise<number | NodeJS.Signals | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
    return this.child.exitCode ?? this.child.signalCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.connected) this.send({ type: "exit" });
    await this.exited();
  }

  async #done(command: Extract<Command, { type: "room-play" | "room-record" | "room-cut-uplink" }>): Promise<void> {
    this.send(command);
    const { error } = await this.next("room-done", 60_000);
    if (error !== null) throw new Error(`${command.type}: ${error}`);
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #story(): string {
    return this.reports.map((report) => JSON.stringify(report).slice(0, 120)).join(" ");
  }
}

function isOf<T extends Kind>(report: Report, type: T): report is Of<T> {
  return report.type === type;
}

/** Joins two processes as two brains would, through the hub and the gate. */
export async function joinLegs(
  caller: AudioProcess,
  callee: AudioProcess,
  iceServers: (name: string) => IceServer[],
): Promise<void> {
  caller.send({ type: "offer-leg", leg: "call", iceServers: iceServers("caller") });
  const offer = await caller.next("leg-offer");
  const { sdp, fingerprint } = offer;
  callee.send({ type: "answer-leg", leg: "call", sdp, fingerprint, iceServers: iceServers("callee") });
  const answer = await callee.next("leg-answer");
  caller.send({ type: "complete-leg", leg: "call", sdp: answer.sdp, fingerprint: answer.fingerprint });
  await Promise.all([caller.next("leg-connected"), callee.next("leg-connected")]);
}

/** Has a flite voice speak `text` into a WAV file that a room can play; returns its path. */
export async function speakToFile(text: string, folder: string, voice = "slt"): Promise<string> {
  const name = `${voice}-${text.replace(/\W+/g, "-")}`;
  const raw = join(folder, `${name}.raw.wav`);
  const path = join(folder, `${name}.wav`);
  await run("flite", ["-voice", voice, "-t", text, "-o", raw]);
  await run("sox", [raw, "-r", "16000", "-c", "1", "-b", "16", path, "gain", "-n", "-6"]);
  return path;
}
