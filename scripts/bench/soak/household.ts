import { join } from "node:path";
import { HubProcess } from "../../stage/hub-process.ts";
import type { Person } from "../../stage/person.ts";
import { UnitProcess } from "../../stage/unit-process.ts";
import { type Voice, Voices } from "../../stage/voices.ts";

/** Ana's and Ben's homes, with nothing between their units and the hub, and nothing recorded: it is to last for days. */
export class Households implements AsyncDisposable {
  readonly hub: HubProcess;
  readonly ana: Person;
  readonly ben: Person;
  readonly #built: AsyncDisposableStack;

  private constructor(hub: HubProcess, ana: Person, ben: Person, built: AsyncDisposableStack) {
    this.hub = hub;
    this.ana = ana;
    this.ben = ben;
    this.#built = built;
  }

  static async build(folder: string): Promise<Households> {
    await using building = new AsyncDisposableStack();
    const hub = building.use(await HubProcess.start(join(folder, "hub")));
    const invitation = await hub.invite(2);
    const voices = new Voices(join(folder, "voices"));
    const move = async (name: string, voice: Voice): Promise<Person> => {
      const own = { name, folder: join(folder, name.toLowerCase()) };
      const hubName = hub.address.name;
      const unit = building.use(await UnitProcess.start({ ...own, hubName, wires: hub.ports, invitation }));
      await unit.connected();
      const say = async (text: string) => {
        const fromMs = Date.now();
        await unit.ask({ do: "play", file: await voices.say(voice, text) });
        return { fromMs, toMs: Date.now() };
      };
      return { name, unit, say };
    };
    const ana = await move("Ana", "slt");
    const ben = await move("Ben", "rms");
    for (const [one, other] of [
      [ana, ben],
      [ben, ana],
    ] as const) {
      const { account } = await other.unit.ask({ do: "id" });
      const grants: ("ring" | "message")[] = ["ring", "message"];
      await one.unit.ask({ do: "person-add", name: other.name, accounts: [account], grants });
    }
    return new Households(hub, ana, ben, building.move());
  }

  get people(): readonly Person[] {
    return [this.ana, this.ben];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#built.disposeAsync();
  }
}
