import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { RATE_HZ } from "#audio/frame.ts";
import { freePorts } from "#scripts/stage/ports.ts";
import { type Cost, costOf } from "../cost.ts";
import { CHIRPS, chirpTrain, delaysOf, findChirps } from "./chirp.ts";
import { ControlLine } from "./control-line.ts";

const run = promisify(execFile);
const PROBE = fileURLToPath(new URL("./jack-probe.c", import.meta.url));
/** JACK's period: 5.3 ms at 48 kHz. */
const PERIOD_FRAMES = 256;
const JACK_HZ = 48_000;
const NEEDED = { baresip: "baresip", jackd: "jackd2", jack_lsp: "jackd2", gcc: "gcc" } as const;
const NAMES = ["ana", "ben"] as const;

/** What of baresip is set otherwise than Debian's example configuration sets it. */
export type Tuning = Readonly<{ name: string; audioBuffer: string; jitterBufferDelay: string; ptimeMs: number }>;
/** As Debian's example configuration has it, but that the buffer before the loudspeaker, fixed there, may shrink. */
export const DEFAULT_TUNING: Tuning = {
  name: "default",
  audioBuffer: "20-160",
  jitterBufferDelay: "5-10",
  ptimeMs: 20,
};
/** As low as one would set it for a network that has some jitter. */
export const LOW_TUNING: Tuning = { name: "tuned", audioBuffer: "5-20", jitterBufferDelay: "1-2", ptimeMs: 10 };
/** The lowest that played at all, with no jitter to speak of: the first packet that comes is played. */
export const BARE_TUNING: Tuning = { name: "no jitter", audioBuffer: "5-20", jitterBufferDelay: "0-1", ptimeMs: 10 };

/** What the comparison needs and this machine lacks, as Debian's packages; null where all is there. */
export async function missingForBaresip(): Promise<string | null> {
  const missing = await Promise.all(
    Object.entries(NEEDED).map(([program, debian]) =>
      run("sh", ["-c", `command -v ${program}`]).then(
        () => [],
        () => [debian],
      ),
    ),
  );
  const packages = [...new Set(missing.flat())];
  return packages.length === 0 ? null : packages.join(" ");
}

type End = Readonly<{ child: ChildProcess; line: ControlLine; sipPort: number }>;

/** Two baresips that call each other (SIP, Opus, DTLS-SRTP, ICE) with JACK's dummy driver for a sound card. */
export class TwoBaresips implements AsyncDisposable {
  readonly #built: AsyncDisposableStack;
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #ends: readonly [End, End];

  private constructor(
    built: AsyncDisposableStack,
    folder: string,
    environment: NodeJS.ProcessEnv,
    ends: readonly [End, End],
  ) {
    this.#built = built;
    this.#folder = folder;
    this.#environment = environment;
    this.#ends = ends;
  }

  static async start(folder: string, tuning: Tuning): Promise<TwoBaresips> {
    await using building = new AsyncDisposableStack();
    await mkdir(folder, { recursive: true });
    await run("gcc", ["-O2", "-o", join(folder, "jack-probe"), PROBE, "-l:libjack.so.0"]);
    const train = chirpTrain(CHIRPS);
    await writeFile(join(folder, "train.raw"), new Uint8Array(train.buffer));
    const server = `porter-${process.pid}`;
    const environment = { ...process.env, JACK_DEFAULT_SERVER: server };
    const dummy = ["-d", "dummy", "-r", String(JACK_HZ), "-p", String(PERIOD_FRAMES)];
    const jack = spawn("jackd", ["--no-realtime", "--sync", "--name", server, ...dummy], { stdio: "ignore" });
    building.defer(() => end(jack));
    await untilJackRuns(environment);
    const open = async (name: string): Promise<End> => {
      const [sipPort = 0, controlPort = 0, rtpPort = 0] = await freePorts(3);
      const own = join(folder, name);
      await configure(own, { name, sipPort, controlPort, rtpPort, tuning });
      const log = openSync(join(own, "log"), "w");
      const child = spawn("baresip", ["-f", own], { stdio: ["ignore", log, log], env: environment });
      building.defer(() => end(child));
      return { child, sipPort, line: building.use(await ControlLine.open(controlPort)) };
    };
    const ends = [await open(NAMES[0]), await open(NAMES[1])] as const;
    return new TwoBaresips(building.move(), folder, environment, ends);
  }

  /** From the answer until the sound of both ends is encrypted and played, in milliseconds. */
  async call(): Promise<number> {
    const [ana, ben] = this.#ends;
    for (const { line } of this.#ends) line.forget();
    ana.line.send("dial", `sip:ben@127.0.0.1:${ben.sipPort}`);
    await ben.line.happens("CALL_INCOMING");
    const answeredMs = performance.now();
    ben.line.send("accept");
    // One for RTP, one for RTCP.
    await Promise.all(this.#ends.map(({ line }) => line.happens("CALL_MENC", 2)));
    const securedMs = performance.now() - answeredMs;
    await this.#ports();
    return securedMs;
  }

  async hangUp(): Promise<void> {
    this.#ends[0].line.send("hangup");
    await Promise.all(this.#ends.map(({ line }) => line.happens("CALL_CLOSED")));
  }

  async costs(): Promise<Cost[]> {
    return Promise.all(this.#ends.map(({ child }) => costOf(child.pid ?? 0)));
  }

  /**
   * Chirps into one's microphone, found in the other's loudspeaker: ear to ear, in milliseconds, a chirp each. A sample
   * of JACK's input is one that a sound card would have taken up to a period earlier, as our room's is: that is added.
   */
  async earToEar(from: 0 | 1): Promise<number[]> {
    const { microphone, loudspeaker } = await this.#ports();
    const train = join(this.#folder, "train.raw");
    const ear = join(this.#folder, "ear.raw");
    const ports = [microphone[from] ?? "", loudspeaker[1 - from] ?? ""];
    await run(join(this.#folder, "jack-probe"), [...ports, train, ear], { env: this.#environment });
    const [sent, heard] = await Promise.all([train, ear].map(chirpsIn));
    const periodMs = (PERIOD_FRAMES * 1_000) / JACK_HZ;
    return delaysOf(sent ?? [], heard ?? []).map((delayMs) => delayMs + periodMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#built.disposeAsync();
  }

  /** Of each end: where its microphone takes and its loudspeaker gives sound. They exist during a call only. */
  async #ports(): Promise<{ microphone: string[]; loudspeaker: string[] }> {
    for (let tries = 0; tries < 60; tries += 1) {
      const { stdout } = await run("jack_lsp", { env: this.#environment });
      const lines = stdout.split("\n");
      const of = (what: string) =>
        NAMES.flatMap((name) => lines.find((line) => new RegExp(`^${name}(-\\d+)?:${what}_1$`).test(line)) ?? []);
      const ports = { microphone: of("input"), loudspeaker: of("output") };
      if (ports.microphone.length === 2 && ports.loudspeaker.length === 2) return ports;
      await sleep(50);
    }
    throw new Error(`baresip opened no sound: see ${this.#folder}/*/log`);
  }
}

async function chirpsIn(file: string): Promise<number[]> {
  const bytes = new Uint8Array(await readFile(file));
  return findChirps(new Int16Array(bytes.buffer)).map((at) => (at * 1_000) / RATE_HZ);
}

type Settings = Readonly<{ name: string; sipPort: number; controlPort: number; rtpPort: number; tuning: Tuning }>;

async function configure(folder: string, { name, sipPort, controlPort, rtpPort, tuning }: Settings): Promise<void> {
  await mkdir(folder, { recursive: true });
  const firstRtpPort = Math.min(rtpPort, 64_000) & ~1;
  const lines = [
    `sip_listen 127.0.0.1:${sipPort}`,
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
    `rtp_ports ${firstRtpPort}-${firstRtpPort + 50}`,
    `jack_client_name ${name}`,
    "jack_connect_ports no",
    ...["player", "source", "alert"].map((what) => `audio_${what} jack`),
    "audio_path /nonexistent",
    ...["ausrc", "auplay"].flatMap((what) => [`${what}_format float`, `${what}_srate 48000`, `${what}_channels 1`]),
    `audio_buffer ${tuning.audioBuffer}`,
    `jitter_buffer_delay ${tuning.jitterBufferDelay}`,
    "opus_bitrate 28000",
    "module_path /usr/lib/baresip/modules",
    ...["opus", "jack", "dtls_srtp", "ice"].map((module) => `module ${module}.so`),
    "module_tmp account.so",
    "module_app ctrl_tcp.so",
    "module_app menu.so",
  ];
  await writeFile(join(folder, "config"), `${lines.join("\n")}\n`);
  const settings = `regint=0;audio_codecs=opus/48000/2;mediaenc=dtls_srtp;medianat=ice;ptime=${tuning.ptimeMs}`;
  await writeFile(join(folder, "accounts"), `<sip:${name}@127.0.0.1:${sipPort}>;${settings}\n`);
}

async function untilJackRuns(environment: NodeJS.ProcessEnv): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    const listed = await run("jack_lsp", { env: environment }).catch(() => null);
    if (listed?.stdout.includes("system:playback_1")) return;
    await sleep(50);
  }
  throw new Error("jackd did not start");
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill();
  const late = setTimeout(() => child.kill("SIGKILL"), 3_000);
  await exited;
  clearTimeout(late);
}
