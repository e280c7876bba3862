import { join } from "node:path";
import { Home, type HomeOptions } from "./home.ts";
import { HubProcess } from "./hub-process.ts";
import { UnitProcess } from "./unit-process.ts";
import { Voices } from "./voices.ts";

export type StreetOptions = Readonly<{
  folder: string;
  ringBackMs?: number;
  /** Settings of everybody's audio process, for controls. */
  audio?: Record<string, unknown>;
  onLine?: HomeOptions["onLine"];
  onProgress?(what: string): void;
}>;

/**
 * The stage of the play: a hub with its TURN relay, and the homes of Ana, Ben and Mallory. Cora has an account too, but
 * her unit is switched off. Ana and Mallory may ring at Ben's; everybody else is nobody's business.
 */
export class Street implements AsyncDisposable {
  readonly hub: HubProcess;
  readonly ana: Home;
  readonly ben: Home;
  readonly mallory: Home;
  readonly #built: AsyncDisposableStack;

  private constructor(hub: HubProcess, [ana, ben, mallory]: readonly [Home, Home, Home], built: AsyncDisposableStack) {
    this.hub = hub;
    this.ana = ana;
    this.ben = ben;
    this.mallory = mallory;
    this.#built = built;
  }

  static async build(options: StreetOptions): Promise<Street> {
    const { folder, onProgress = () => undefined } = options;
    await using building = new AsyncDisposableStack();
    onProgress("starting the hub and its relay");
    const hub = building.use(await HubProcess.start(join(folder, "hub")));
    const invitation = await hub.invite(4);
    const voices = new Voices(join(folder, "voices"));
    const open = async (name: string, voice: HomeOptions["voice"]) => {
      onProgress(`moving ${name} in`);
      const { ringBackMs, audio, onLine } = options;
      const own = join(folder, name.toLowerCase());
      const home = await Home.open({
        name,
        voice,
        folder: own,
        hub,
        voices,
        invitation,
        ...(ringBackMs !== undefined && { ringBackMs }),
        ...(audio && { audio }),
        ...(onLine && { onLine }),
      });
      return building.use(home);
    };
    const ana = await open("Ana", "slt");
    const ben = await open("Ben", "rms");
    const mallory = await open("Mallory", "awb");
    onProgress("switching Cora's unit on, and off again");
    const cora = await enrolled({
      name: "Cora",
      folder: join(folder, "cora"),
      hubName: hub.address.name,
      wires: hub.ports,
      invitation,
    });

    const [anas, bens, mallorys] = await Promise.all([ana.account(), ben.account(), mallory.account()]);
    const grants: ("ring" | "message")[] = ["ring", "message"];
    await ana.unit.ask({ do: "person-add", name: "Ben", accounts: [bens], grants });
    await ben.unit.ask({ do: "person-add", name: "Ana", accounts: [anas], grants });
    await ben.unit.ask({ do: "person-add", name: "Mallory", accounts: [mallorys], grants: ["ring"] });
    await mallory.unit.ask({ do: "person-add", name: "Ben", accounts: [bens] });
    await mallory.unit.ask({ do: "person-add", name: "Cora", accounts: [cora] });
    return new Street(hub, [ana, ben, mallory], building.move());
  }

  get homes(): readonly Home[] {
    return [this.ana, this.ben, this.mallory];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#built.disposeAsync();
  }
}

/** Runs a unit once, so that its account is known to the hub, and switches it off. */
async function enrolled(options: Parameters<typeof UnitProcess.start>[0]): Promise<string> {
  await using unit = await UnitProcess.start(options);
  await unit.connected();
  return (await unit.ask({ do: "id" })).account;
}
