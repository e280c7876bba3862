import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join, resolve } from "node:path";
import type { BoardSettings } from "#scripts/rig/targets/board/settings.ts";
import { BENCH_BOARD, LINES } from "./bench-board.ts";
import { openCable } from "./cable.ts";
import { FakeGpiod } from "./fake-gpiod.ts";
import { PulseServer } from "./pulse.ts";

const MAIN = resolve(import.meta.dirname, "../../device/main.ts");
const RESTART_EXIT = 75;

/**
 * A real unit's processes, as their service keeps them, on a board whose lines are files, whose serial line is a pair of
 * pseudo-terminals, whose sound card is a wire of a sound server's, and whose supply a command switches.
 */
export class SimulatedBoard implements AsyncDisposable {
  /** As a rig is told of it. */
  readonly settings: BoardSettings;
  readonly #folder: string;
  readonly #gpiod: FakeGpiod;
  readonly #pulse: PulseServer;
  readonly #built: AsyncDisposableStack;
  #unit: ChildProcess | null = null;
  #isOn = false;

  private constructor(folder: string, gpiod: FakeGpiod, pulse: PulseServer, built: AsyncDisposableStack) {
    this.#folder = folder;
    this.#gpiod = gpiod;
    this.#pulse = pulse;
    this.#built = built;
    this.settings = {
      port: join(folder, "desk"),
      baudRate: 115_200,
      play: "rig",
      record: "rig",
      quietDbfs: -120,
      powerCommand: join(folder, "supply"),
      address: "127.0.0.2",
      startsWithinMs: 60_000,
    };
  }

  /** Its supply is off. `jumper`: whether it is set. Whoever plays to it needs its `environment`. */
  static async make(folder: string, { jumper = true }: { jumper?: boolean } = {}): Promise<SimulatedBoard> {
    await using building = new AsyncDisposableStack();
    await mkdir(folder, { recursive: true });
    const gpiod = building.use(await FakeGpiod.make(folder));
    gpiod.set(LINES.jumper, jumper);
    const pulse = building.use(await PulseServer.start());
    building.use(await openCable(folder));
    const board = new SimulatedBoard(folder, gpiod, pulse, building.move());
    board.#built.use(await board.#serveSupply());
    board.#built.defer(() => board.#switch("off"));
    await writeFile(join(folder, "board.json"), JSON.stringify(BENCH_BOARD));
    const audio = { io: { type: "alsa", capture: "unit", playback: "unit" } };
    const config = { data: "data", serial: { port: join(folder, "unit") }, board: "linux", boardFile: "board.json" };
    await writeFile(join(folder, "unit.json"), JSON.stringify({ ...config, audio }));
    return board;
  }

  get environment(): Readonly<Record<string, string>> {
    return this.#pulse.environment;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#built.disposeAsync();
  }

  /** The command that a rig's owner gives for a socket with a switch. */
  async #serveSupply(): Promise<AsyncDisposable> {
    const path = join(this.#folder, "supply.sock");
    const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => undefined);
      socket.once("data", (bytes) => {
        const to = bytes.toString().trim() === "on" ? "on" : "off";
        void this.#switch(to).then(() => socket.end("done\n"));
      });
    });
    server.listen(path);
    await once(server, "listening");
    const command = join(this.#folder, "supply");
    await writeFile(command, `#!/bin/sh\necho "$1" | socat -t 20 - UNIX-CONNECT:${path} | grep -q done\n`);
    await chmod(command, 0o755);
    return { [Symbol.asyncDispose]: () => new Promise<void>((closed) => void server.close(() => closed())) };
  }

  async #switch(to: "on" | "off"): Promise<void> {
    if (to === "on") {
      if (!this.#isOn) this.#start();
      this.#isOn = true;
      return;
    }
    this.#isOn = false;
    const unit = this.#unit;
    this.#unit = null;
    if (!unit || unit.exitCode !== null || unit.signalCode !== null) return;
    const ended = once(unit, "exit");
    unit.kill("SIGKILL");
    await ended;
    // Nobody on a machine without power holds a line.
    for (const holder of await this.#gpiod.holders()) process.kill(holder, "SIGKILL");
  }

  #start(): void {
    const env = { ...process.env, ...this.environment, PATH: this.#gpiod.path };
    const log = createWriteStream(join(this.#folder, "unit.log"), { flags: "a" });
    const unit = spawn(process.execPath, [MAIN, "--config", join(this.#folder, "unit.json")], {
      stdio: ["ignore", "pipe", "pipe"],
      env,
    });
    unit.stdout.pipe(log, { end: false });
    unit.stderr.pipe(log, { end: false });
    this.#unit = unit;
    unit.once("exit", (code) => {
      if (this.#unit === unit && code === RESTART_EXIT) this.#start();
    });
  }
}
