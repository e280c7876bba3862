import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ask } from "#device/control/client.ts";
import type { Finding } from "#device/doctor/finding.ts";
import { Recording } from "#scripts/stage/recording.ts";
import { UnitProcess } from "#scripts/stage/unit-process.ts";
import { examine, ofCheckout } from "../agent/programs.ts";
import { DIGITAL_DBFS, type Lit, type Target, type TargetOptions, type TargetRecording } from "./target.ts";

const MOVED_CLOCK = new URL("./moved-clock.ts", import.meta.url).pathname;
/** So long until the unit has seen it. */
const CLOCK_SEEN_MS = 250;

/** A unit as the real processes, on a simulated board in a simulated room. */
export class SimTarget implements Target {
  readonly slowness = 1;
  readonly quietDbfs = DIGITAL_DBFS;
  readonly cannotHave = { sound: "its room is simulated", clock: "it is this machine's" };
  readonly #options: TargetOptions;
  readonly #recordings: Recording[] = [];
  #unit: UnitProcess | null = null;
  #clock = { aheadMs: 0, sinceMs: 0 };

  constructor(options: TargetOptions) {
    this.#options = options;
  }

  get timeline(): Target["timeline"] {
    return this.#unit?.timeline ?? [];
  }

  async powerOn(): Promise<void> {
    const { name, folder, hubName, wires, invitation } = this.#options;
    if (this.#unit) await this.#unit.start();
    else {
      const environment = { NODE_OPTIONS: `--import=${MOVED_CLOCK}`, PORTER_RIG_CLOCK: this.#clockFile };
      this.#unit = await UnitProcess.start({ name, folder, hubName, wires, invitation, environment });
    }
    const recording = join(folder, `recording-${this.#recordings.length + 1}`);
    this.#recordings.push(await Recording.start(this.#unit, recording));
  }

  /** SIGKILL; what stands on the disk stays. */
  async cutPower(): Promise<void> {
    await this.#running.kill();
  }

  async setClock(aheadMs: number): Promise<void> {
    this.#clock = { aheadMs, sinceMs: Date.now() };
    await writeFile(this.#clockFile, String(aheadMs));
    await sleep(CLOCK_SEEN_MS);
  }

  ask<A extends Ask>(ask: A) {
    return this.#running.ask(ask);
  }

  doctor(): Promise<readonly Finding[]> {
    const { folder } = this.#options;
    return examine(ofCheckout({ unit: join(folder, "unit.json"), data: join(folder, "data") }).doctor);
  }

  async setButton(down: boolean): Promise<void> {
    await this.ask({ do: down ? "hold" : "release" });
  }

  async setMute(engaged: boolean): Promise<void> {
    await this.ask({ do: "mute", engaged });
  }

  async lights(): Promise<readonly Lit[]> {
    const { changes } = await this.ask({ do: "lights" });
    const { aheadMs, sinceMs } = this.#clock;
    return changes.map(({ scene, atMs }) => ({ scene, atMs: atMs - aheadMs < sinceMs ? atMs : atMs - aheadMs }));
  }

  async play(wav: string): Promise<void> {
    await this.ask({ do: "play", file: wav });
  }

  async loudspeaker(fromMs: number, toMs: number): Promise<Int16Array> {
    const recording = this.#recordings.at(-1);
    if (!recording) throw new Error("the unit was never switched on");
    return recording.slice("loudspeaker", fromMs, toMs);
  }

  async recordings(): Promise<readonly TargetRecording[]> {
    await this.ask({ do: "record", folder: null }).catch(() => undefined);
    return Promise.all(
      this.#recordings.map(async (recording) => {
        const [room, loudspeaker] = await Promise.all([recording.all("room"), recording.all("loudspeaker")]);
        const people = room.map((sample, at) => sample - (loudspeaker[at] ?? 0));
        return { startedMs: recording.startedMs, people, loudspeaker };
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#unit?.[Symbol.asyncDispose]();
  }

  get #clockFile(): string {
    return join(this.#options.folder, "clock");
  }

  get #running(): UnitProcess {
    if (!this.#unit) throw new Error("the unit was never switched on");
    return this.#unit;
  }
}
