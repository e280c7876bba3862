import { join } from "node:path";
import { Home } from "#scripts/stage/home.ts";
import { HubProcess } from "#scripts/stage/hub-process.ts";
import { freePorts } from "#scripts/stage/ports.ts";
import { Tap, type TapPorts } from "#scripts/stage/tap.ts";
import { Voices } from "#scripts/stage/voices.ts";
import type { Scenario } from "./scenario/read.ts";
import { NEIGHBOURS, type Neighbour } from "./scenario/schema.ts";
import type { Target, TargetKind } from "./targets/target.ts";

const NEIGHBOUR_VOICES = { Ana: "slt", Mallory: "awb" } as const;
/** As `porter status` knows the unit that is tested, and as its neighbours call it. */
export const UNIT = "Ben";

export type StageOptions = Readonly<{
  scenario: Scenario;
  folder: string;
  target: TargetKind;
  onProgress(what: string): void;
}>;

/** What a scenario is played on: the unit that is tested, its wire, a hub, and those neighbours that it names. */
export class Stage implements AsyncDisposable {
  readonly unit: Target;
  readonly tap: Tap;
  readonly voices: Voices;
  readonly #neighbours: ReadonlyMap<Neighbour, Home>;
  readonly #built: AsyncDisposableStack;

  private constructor(
    parts: Readonly<{ unit: Target; tap: Tap; voices: Voices; neighbours: ReadonlyMap<Neighbour, Home> }>,
    built: AsyncDisposableStack,
  ) {
    this.unit = parts.unit;
    this.tap = parts.tap;
    this.voices = parts.voices;
    this.#neighbours = parts.neighbours;
    this.#built = built;
  }

  static async build({ scenario, folder, target, onProgress }: StageOptions): Promise<Stage> {
    await using building = new AsyncDisposableStack();
    onProgress("starting the hub and its relay");
    const hub = building.use(await HubProcess.start(join(folder, "hub"), { host: target.address }));
    const invitation = await hub.invite(NEIGHBOURS.length + 1);
    const voices = new Voices(join(folder, "voices"));
    const [mqtt = 0, http = 0, turn = 0] = await freePorts(3);
    const wires: TapPorts = { mqtt, http, turn };
    const tap = building.use(await Tap.open(wires, hub.ports, hub.host));
    const own = { name: UNIT, folder: join(folder, "unit"), hubName: hub.address.name, wires, invitation };
    const unit = building.use(target.make({ ...own, onProgress }));
    const neighbours = new Map<Neighbour, Home>();
    // One after the other: a machine that is emulated leaves the others little to start with.
    for (const name of NEIGHBOURS.filter((each) => scenario.neighbours[each])) {
      onProgress(`moving ${name} in`);
      const voice = NEIGHBOUR_VOICES[name];
      const home = await Home.open({ name, voice, folder: join(folder, name.toLowerCase()), hub, voices, invitation });
      neighbours.set(name, building.use(home));
    }
    onProgress("switching the unit on");
    await unit.powerOn();
    const stage = new Stage({ unit, tap, voices, neighbours }, building.move());
    await stage.#acquaint(scenario);
    return stage;
  }

  neighbour(name: Neighbour): Home {
    const home = this.#neighbours.get(name);
    if (!home) throw new Error(`${name} does not live here: say so under "neighbours"`);
    return home;
  }

  get neighbours(): readonly Home[] {
    return [...this.#neighbours.values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#built.disposeAsync();
  }

  /** Everybody knows the unit; the unit knows them, and lets them do what the scenario says. */
  async #acquaint({ neighbours }: Scenario): Promise<void> {
    const { account } = await this.unit.ask({ do: "id" });
    for (const [name, home] of this.#neighbours) {
      await home.unit.ask({ do: "person-add", name: UNIT, accounts: [account], grants: ["ring"] });
      const grants = neighbours[name] ?? [];
      await this.unit.ask({ do: "person-add", name, accounts: [await home.account()], grants });
    }
  }
}
