import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeTempFolder } from "./temp-folder.ts";

/** What libasound and Pulse's own tools read to find the server: process environment, before they are first used. */
type PulseEnvironment = Readonly<{ PULSE_SERVER: string; ALSA_CONFIG_PATH: string; HOME: string }>;

/**
 * PCMs: `default`; `fast` and `slow`, whose rates are fixed; `array`, a microphone of four channels; `unit`, which plays
 * on `spk` and records what is played on `room`, and `rig`, the other end of both wires.
 *
 * A sound server of the test's own without any card: what is played on its null sink `spk` is what `default` records.
 * A null sink adds a second or so: it shows what comes, not when.
 */
export class PulseServer implements AsyncDisposable {
  readonly environment: PulseEnvironment;
  readonly #folder: Awaited<ReturnType<typeof makeTempFolder>>;
  #child: ChildProcess | null = null;

  private constructor(folder: Awaited<ReturnType<typeof makeTempFolder>>) {
    this.#folder = folder;
    this.environment = {
      PULSE_SERVER: `unix:${join(folder.path, "native")}`,
      ALSA_CONFIG_PATH: `/usr/share/alsa/alsa.conf:${join(folder.path, "asound.conf")}`,
      HOME: folder.path,
    };
  }

  static async start(): Promise<PulseServer> {
    const server = new PulseServer(await makeTempFolder());
    const { path } = server.#folder;
    const script = [
      `load-module module-native-protocol-unix socket=${join(path, "native")} auth-anonymous=1`,
      "load-module module-null-sink sink_name=spk rate=16000 channels=1",
      "load-module module-null-sink sink_name=room rate=16000 channels=1",
      // Somebody who always listens: else the null sink takes two seconds to begin.
      "load-module module-null-sink sink_name=nobody rate=16000 channels=1",
      "load-module module-loopback source=spk.monitor sink=nobody latency_msec=20",
      "load-module module-loopback source=room.monitor sink=nobody latency_msec=20",
      "set-default-sink spk",
      "set-default-source spk.monitor",
    ];
    const pcms = [
      "pcm.!default { type pulse }",
      "pcm.fast { type plug slave { pcm default rate 48000 } }",
      "pcm.slow { type plug slave { pcm default rate 11025 } }",
      crossed("unit", "spk", "room.monitor"),
      crossed("rig", "room", "spk.monitor"),
      `pcm.array { type file slave.pcm default file /dev/null infile ${join(path, "array.raw")} }`,
    ];
    await writeFile(join(path, "array.raw"), Buffer.from(makeArraySound().buffer));
    await writeFile(join(path, "default.pa"), `${script.join("\n")}\n`);
    const conf = `${pcms.join("\n")}\n`;
    await writeFile(join(path, "asound.conf"), conf);
    // A unit's audio process gets the folder's name, and no other word of where sound is configured.
    await writeFile(join(path, ".asoundrc"), conf);
    await mkdir(join(path, "run"));
    await server.up();
    return server;
  }

  /** As a card that is plugged in again. */
  async up(): Promise<void> {
    const { path } = this.#folder;
    const options = ["-n", "-F", join(path, "default.pa"), "--exit-idle-time=-1", "--use-pid-file=0", "--daemonize=no"];
    // With shared memory libpulse may wait for ever for a server that was killed; a hang like that is the watchdog's.
    options.push("--disable-shm=yes");
    this.#child = spawn("pulseaudio", options, {
      stdio: "ignore",
      env: { PATH: process.env.PATH, HOME: path, XDG_RUNTIME_DIR: join(path, "run") },
    });
    for (let tries = 0; tries < 200; tries += 1) {
      if (await answers(join(path, "native"))) return;
      await sleep(25);
    }
    throw new Error("pulseaudio did not start");
  }

  /** As a card that is unplugged. */
  async down(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  /** As a driver that hangs, and one that goes on. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }
  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
    await this.#folder[Symbol.asyncDispose]();
  }
}

function crossed(name: string, playback: string, capture: string): string {
  const end = (device: string) => `{ type pulse device "${device}" }`;
  return `pcm.${name} { type asym playback.pcm ${end(playback)} capture.pcm ${end(capture)} }`;
}

/** Ten seconds of four channels: each is its own number, times a thousand. */
function makeArraySound(): Int16Array {
  return Int16Array.from({ length: 4 * 160_000 }, (_, index) => (index % 4) * 1_000);
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
