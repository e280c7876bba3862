import { join } from "node:path";
import type { TimelineLine } from "#device/control/requests.ts";
import type { HubProcess } from "./hub-process.ts";
import { freePorts } from "./ports.ts";
import { Recording } from "./recording.ts";
import { Tap, type TapPorts } from "./tap.ts";
import { UnitProcess } from "./unit-process.ts";
import type { Voice, Voices } from "./voices.ts";

export type HomeOptions = Readonly<{
  name: string;
  voice: Voice;
  folder: string;
  hub: HubProcess;
  voices: Voices;
  invitation: string;
  ringBackMs?: number;
  audio?: Record<string, unknown>;
  /** What goes on, as it happens. */
  onLine?(name: string, line: TimelineLine): void;
}>;

/** Somebody's home: a person with a voice, a room, the unit in it, and the wire out of it. */
export class Home implements AsyncDisposable {
  readonly name: string;
  readonly unit: UnitProcess;
  readonly tap: Tap;
  readonly #voice: Voice;
  readonly #voices: Voices;
  readonly #folder: string;
  readonly #recordings: Recording[] = [];

  private constructor(options: HomeOptions, unit: UnitProcess, tap: Tap) {
    this.name = options.name;
    this.unit = unit;
    this.tap = tap;
    this.#voice = options.voice;
    this.#voices = options.voices;
    this.#folder = options.folder;
  }

  static async open(options: HomeOptions): Promise<Home> {
    const { name, folder, hub, invitation, ringBackMs, audio, onLine } = options;
    const [mqtt = 0, http = 0, turn = 0] = await freePorts(3);
    const wires: TapPorts = { mqtt, http, turn };
    const tap = await Tap.open(wires, hub.ports, hub.host);
    const unit = await UnitProcess.start({
      name,
      folder,
      hubName: hub.address.name,
      host: hub.host,
      wires,
      invitation,
      ...(ringBackMs !== undefined && { ringBackMs }),
      ...(audio && { audio }),
      ...(onLine && { onLine: (line: TimelineLine) => onLine(name, line) }),
    });
    const home = new Home(options, unit, tap);
    await unit.connected();
    await home.record();
    return home;
  }

  /** The recording that runs now. */
  get recording(): Recording {
    const last = this.#recordings.at(-1);
    if (!last) throw new Error(`${this.name}'s room is not being recorded`);
    return last;
  }

  get recordings(): readonly Recording[] {
    return this.#recordings;
  }

  /** Starts a recording of the room; a unit that was started again has a new room. */
  async record(): Promise<void> {
    const folder = join(this.#folder, `recording-${this.#recordings.length + 1}`);
    this.#recordings.push(await Recording.start(this.unit, folder));
  }

  async account(): Promise<string> {
    return (await this.unit.ask({ do: "id" })).account;
  }

  /** Speaks into the room; resolves when the sound is over, with when it was. */
  async say(text: string): Promise<{ fromMs: number; toMs: number }> {
    const file = await this.#voices.say(this.#voice, text);
    const fromMs = Date.now();
    await this.unit.ask({ do: "play", file });
    return { fromMs, toMs: Date.now() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unit[Symbol.asyncDispose]();
    await this.tap[Symbol.asyncDispose]();
  }
}
