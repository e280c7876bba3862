import { arch } from "node:os";
import type { SoundConfig } from "#audio/protocol.ts";
import type { Hal } from "#hal/hal.ts";
import { checkNetwork, checkSound } from "./checks.ts";
import { askForReset, isResetAsked } from "./factory-reset.ts";
import type { UnitRefused, Workbench } from "./group-unit.ts";
import { RC } from "./packet.ts";
import { readSettings, type Settings, type SettingsResult, writeSettings } from "./settings.ts";
import type { Identity, Inputs, Lights, Network, Provision, Stage, Status } from "./unit-messages.ts";

export type WorkbenchOptions = Readonly<{
  data: string;
  board: string;
  version: string;
  io: SoundConfig;
  /** The file names the hub itself: whoever wrote it is the owner, and no installer has a say. */
  isToldByFile: boolean;
  identity: Identity | null;
  /** Ends the process, so that it is started again. */
  restart: () => void;
}>;

type Done = Readonly<{ ok: true }> | UnitRefused;
const DONE: Done = { ok: true };

/** What the serial line may do to this unit, on this unit's disk and board. */
export class UnitWorkbench implements Workbench {
  /** What an installer tells the unit, the first time they do. */
  readonly told: Promise<Settings>;
  readonly #options: WorkbenchOptions;
  readonly #resolve: (settings: Settings) => void;
  #settings: SettingsResult;
  #hal: Hal | null = null;
  #running = false;
  #presses = 0;

  constructor(options: WorkbenchOptions) {
    this.#options = options;
    this.#settings = readSettings(options.data);
    const { promise, resolve } = Promise.withResolvers<Settings>();
    this.told = promise;
    this.#resolve = resolve;
    if (this.#settings.found === "settings") resolve(this.#settings.settings);
  }

  /** The board that is open now; `running`: the unit calls and listens, and lights and sound card are its own. */
  use(hal: Hal, running: boolean): () => void {
    this.#hal = hal;
    this.#running = running;
    const stopListening = hal.button.onChange((change) => {
      if (change.type === "press") this.#presses += 1;
    });
    return () => {
      stopListening();
      this.#hal = null;
    };
  }

  get stage(): Stage {
    if (this.#options.isToldByFile || this.#settings.found === "damaged") return "handed-over";
    if (this.#settings.found === "none") return "new";
    return this.#settings.settings.handedOver ? "handed-over" : "provisioned";
  }

  status(): Status {
    const { board, version, data } = this.#options;
    return {
      stage: this.stage,
      board,
      arch: arch(),
      version,
      running: this.#running,
      resetting: isResetAsked(data),
      fault: this.#settings.found === "damaged" ? "what it was told is damaged: a factory reset mends that" : null,
    };
  }

  identity(): Identity | null {
    return this.#options.identity;
  }

  provision(told: Provision): Done {
    const { board, data } = this.#options;
    if (isResetAsked(data)) return refused(RC.badState, "a factory reset is under way: restart the unit first");
    if (told.board !== undefined && told.board !== board) {
      return refused(RC.invalid, `wrong-board: this unit's board is "${board}", not "${told.board}"`);
    }
    return this.#keep({ v: 1, handedOver: false, told }, () => {
      if (this.#running) this.#options.restart();
    });
  }

  handOver(): Done {
    if (this.#settings.found !== "settings") return refused(RC.badState, "the unit is not provisioned yet");
    return this.#keep({ ...this.#settings.settings, handedOver: true }, () => undefined);
  }

  askForReset(): Done {
    try {
      askForReset(this.#options.data);
      return DONE;
    } catch (error) {
      return refused(RC.unknown, diskFault(error));
    }
  }

  lights({ scene }: Lights): Done {
    if (this.#running) return refused(RC.busy, "the unit is running and has its lights: check before you provision");
    this.#hal?.lights.show(scene);
    return DONE;
  }

  inputs(): Inputs | null {
    const hal = this.#hal;
    return hal && { held: hal.button.held, presses: this.#presses, muted: hal.mute.engaged };
  }

  sound(): ReturnType<Workbench["sound"]> {
    if (!this.#running) return checkSound(this.#options.io);
    return Promise.resolve(refused(RC.busy, "the unit is running and has the sound card: check before you provision"));
  }

  async network(): Promise<Network | null> {
    return this.#settings.found === "settings" ? checkNetwork(this.#settings.settings.told.hub) : null;
  }

  restart(): void {
    this.#options.restart();
  }

  #keep(settings: Settings, after: () => void): Done {
    try {
      writeSettings(this.#options.data, settings);
    } catch (error) {
      return refused(RC.unknown, diskFault(error));
    }
    this.#settings = { found: "settings", settings };
    this.#resolve(settings);
    after();
    return DONE;
  }
}

function refused(rc: number, rsn: string): UnitRefused {
  return { ok: false, rc, rsn };
}

function diskFault(error: unknown): string {
  return `the unit's disk refuses: ${error instanceof Error ? error.message : String(error)}`;
}
