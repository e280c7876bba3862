import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RATE_HZ } from "#audio/frame.ts";
import { readWav, wavHeader } from "#audio/wav.ts";
import { HubProcess } from "#scripts/stage/hub-process.ts";
import { UnitProcess } from "#scripts/stage/unit-process.ts";
import { type Cost, costOf } from "../cost.ts";
import { CHIRPS, chatter, chirpTrain, delaysOf, findChirps } from "./chirp.ts";

/** What the train took to play, and to come out at the far end. */
const TAIL_MS = 600;
const CHIRPS_FILE = "chirps.wav";
const CHATTER_FILE = "chatter.wav";

/** What both processes of both units have cost so far. */
export type UnitCosts = Readonly<{ brains: readonly Cost[]; audios: readonly Cost[] }>;

/** Two real units at a real hub with its relay; nothing stands in the wire between them. */
export class TwoUnits implements AsyncDisposable {
  readonly #built: AsyncDisposableStack;
  readonly #folder: string;
  readonly units: readonly [UnitProcess, UnitProcess];
  #recordings = 0;

  private constructor(built: AsyncDisposableStack, folder: string, units: readonly [UnitProcess, UnitProcess]) {
    this.#built = built;
    this.#folder = folder;
    this.units = units;
  }

  /** `soundChannel`: false where sound is to go by SRTP. */
  static async start(folder: string, soundChannel = true): Promise<TwoUnits> {
    await using building = new AsyncDisposableStack();
    const hub = building.use(await HubProcess.start(join(folder, "hub")));
    const invitation = await hub.invite(2);
    const open = async (name: string) => {
      const own = {
        name,
        folder: join(folder, name),
        hubName: hub.address.name,
        wires: hub.ports,
        invitation,
        audio: { soundChannel },
      };
      const unit = building.use(await UnitProcess.start(own));
      await unit.connected();
      return unit;
    };
    const units = [await open("Ana"), await open("Ben")] as const;
    const [anas, bens] = await Promise.all(units.map(async (unit) => (await unit.ask({ do: "id" })).account));
    await units[0].ask({ do: "person-add", name: "Ben", accounts: [bens ?? ""], grants: ["ring"] });
    await units[1].ask({ do: "person-add", name: "Ana", accounts: [anas ?? ""], grants: ["ring"] });
    await writeSound(join(folder, CHIRPS_FILE), chirpTrain(CHIRPS));
    await writeSound(join(folder, CHATTER_FILE), chatter());
    return new TwoUnits(building.move(), folder, units);
  }

  async costs(): Promise<UnitCosts> {
    const pids = await Promise.all(this.units.map((unit) => unit.pids()));
    return {
      brains: await Promise.all(pids.map(({ brain, audio }) => costOf(brain, [audio]))),
      audios: await Promise.all(pids.map(({ audio }) => costOf(audio))),
    };
  }

  /**
   * Ana calls Ben, who answers once it rings; from his answer until both hear the other's room, in milliseconds. In
   * both somebody talks all the while: without noise there is nothing to hear of a quiet room.
   */
  async call(): Promise<number> {
    const [ana, ben] = this.units;
    const since = Date.now();
    await ana.ask({ do: "call", who: "Ben" });
    await ben.happens("the ring", ({ event }) => event === "ring", { since });
    const talking = this.units.map((unit) => unit.ask({ do: "play", file: join(this.#folder, CHATTER_FILE) }));
    const answeredMs = Date.now();
    await ben.ask({ do: "answer" });
    const sounds = await Promise.all(
      this.units.map((unit) => unit.happens("sound", ({ event }) => event === "ears-leg-sound", { since: answeredMs })),
    );
    await Promise.all(talking);
    return Math.max(...sounds.map(({ at }) => at)) - answeredMs;
  }

  async hangUp(): Promise<void> {
    const since = Date.now();
    await this.units[0].ask({ do: "hang-up" });
    for (const unit of this.units)
      await unit.happens("the end", ({ event, detail }) => event === "call" && detail?.at === "idle", { since });
  }

  /** Chirps in one room, found in the other's loudspeaker: ear to ear, in milliseconds, a chirp each. */
  async earToEar(from: 0 | 1): Promise<number[]> {
    const speaker = this.units[from];
    const hearer = this.units[1 - from] ?? speaker;
    const folders = [speaker, hearer].map(({ name }) => join(this.#folder, `recording-${this.#recordings}-${name}`));
    this.#recordings += 1;
    const [spoken = "", heard = ""] = folders;
    await speaker.ask({ do: "record", folder: spoken });
    await hearer.ask({ do: "record", folder: heard });
    await speaker.ask({ do: "play", file: join(this.#folder, CHIRPS_FILE) });
    await new Promise((resolve) => setTimeout(resolve, TAIL_MS));
    for (const unit of [speaker, hearer]) await unit.ask({ do: "record", folder: null });
    return delaysOf(await chirpsIn(spoken, "microphone"), await chirpsIn(heard, "loudspeaker"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#built.disposeAsync();
  }
}

async function writeSound(file: string, samples: Int16Array): Promise<void> {
  await writeFile(file, Buffer.concat([wavHeader(samples.length), new Uint8Array(samples.buffer)]));
}

/** When each chirp began, in milliseconds of the clock that all processes share. */
async function chirpsIn(folder: string, track: "microphone" | "loudspeaker"): Promise<number[]> {
  const room: unknown = JSON.parse(await readFile(join(folder, "room.json"), "utf8"));
  if (typeof room !== "object" || room === null || !("startedMonotonicMs" in room)) throw new Error("no room.json");
  const startedMs = Number(room.startedMonotonicMs);
  const samples = readWav(await readFile(join(folder, `${track}.wav`)));
  return findChirps(samples).map((at) => startedMs + (at * 1_000) / RATE_HZ);
}
