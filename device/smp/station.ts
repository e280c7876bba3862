import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { Hal, Scene } from "#hal/hal.ts";
import type { Config } from "../config.ts";
import { openKeystore } from "../keys/keystore.ts";
import { packetBytesAt } from "./console.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Firmware } from "./firmware.ts";
import { benchGroup, type Rig } from "./group-bench.ts";
import { imageGroup } from "./group-image.ts";
import { osGroup } from "./group-os.ts";
import { statisticsGroup } from "./group-statistics.ts";
import { unitGroup } from "./group-unit.ts";
import { Rights } from "./rights.ts";
import { SerialService } from "./serial.ts";
import type { Settings } from "./settings.ts";
import { UnitWorkbench } from "./workbench.ts";

export type StationOptions = Readonly<{
  base: Config;
  serial: NonNullable<Config["serial"]>;
  isToldByFile: boolean;
  version: string;
  /** Null on a unit that was not installed from a bundle: it takes none. */
  firmware: Firmware | null;
  clock: Clock;
  log: Log;
  restart: () => void;
}>;

/** The unit's end of the serial line, from the start of the process to its end. */
export class Station implements AsyncDisposable {
  readonly #workbench: UnitWorkbench;
  readonly #rights: Rights;
  readonly #service: SerialService;
  #rig: Rig | null = null;

  private constructor(options: StationOptions, workbench: UnitWorkbench) {
    const { base, serial, version, firmware, clock, log, restart } = options;
    this.#workbench = workbench;
    this.#rights = new Rights({ clock, isHandedOver: () => workbench.stage === "handed-over" });
    const statistics = {
      serial: () => this.#service.counts,
      unit: () => ({ uptime_s: process.uptime(), memory_bytes: process.memoryUsage.rss() }),
    };
    const commands = [
      ...osGroup({ board: base.board.type, version, packetBytes: packetBytesAt(serial.baudRate), restart }),
      ...(firmware ? imageGroup(firmware) : []),
      ...statisticsGroup(statistics),
      ...unitGroup(workbench),
      ...benchGroup(() => this.#rig, clock),
    ];
    this.#service = new SerialService({ ...serial, commands, rights: this.#rights, clock, log });
  }

  /** Makes the unit's keys, where it has none yet: it can then be paired before it is provisioned. */
  static async open(options: StationOptions): Promise<Station> {
    const { base, isToldByFile, version, clock, restart } = options;
    const keys = await openKeystore({ folder: base.data, nowMs: clock.nowMs() });
    if (!keys.ok) options.log.error({ fault: keys.message }, "the keys cannot be read");
    const identity = keys.ok && {
      account: keys.keystore.account,
      unit: keys.keystore.unit,
      fingerprint: fingerprintOf(keys.keystore.account),
    };
    const { data, audio } = base;
    const board = base.board.type;
    const workbench = new UnitWorkbench({
      data,
      board,
      version,
      io: audio.io,
      isToldByFile,
      identity: identity || null,
      restart,
    });
    return new Station(options, workbench);
  }

  /** What an installer said, now or before. */
  get told(): Promise<Settings> {
    return this.#workbench.told;
  }

  /** What a unit shows that nobody can call yet. */
  get waitingScene(): Scene {
    return this.#workbench.status().fault === null ? "calling-off" : "fault";
  }

  /** The board that is open from now on, and what a rig may do to it; returns how to let go of it. */
  use(hal: Hal, { running, rig }: Readonly<{ running: boolean; rig: Rig | null }>): () => void {
    const letGo = [this.#workbench.use(hal, running), this.#rights.watch(hal.button)];
    this.#rig = rig;
    return () => {
      this.#rig = null;
      for (const each of letGo) each();
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#service[Symbol.asyncDispose]();
  }
}
