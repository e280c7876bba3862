import * as v from "valibot";
import { GROUP } from "#device/smp/packet.ts";
import {
  Identity,
  Inputs,
  type Lights,
  Network,
  type Provision,
  Sound,
  Status,
  UNIT_COMMAND,
} from "#device/smp/unit-messages.ts";
import { type Patience, type Reply, type Request, SmpClient } from "./client.ts";
import { EXIT, Failure } from "./exit.ts";

const Image = v.object({
  slot: v.number(),
  version: v.string(),
  hash: v.instance(Uint8Array),
  active: v.optional(v.boolean(), false),
  confirmed: v.optional(v.boolean(), false),
  pending: v.optional(v.boolean(), false),
});
const Images = v.object({ images: v.array(Image) });
export type Image = v.InferOutput<typeof Image>;

const SOUND_MS = 45_000;
const NETWORK_MS = 45_000;

/** One unit on its serial line, by what can be asked of it. What throws is `Failure`. */
export class UnitOnLine implements AsyncDisposable {
  readonly client: SmpClient;

  private constructor(client: SmpClient) {
    this.client = client;
  }

  static async open(port: string, baudRate: number): Promise<UnitOnLine> {
    return new UnitOnLine(await SmpClient.open(port, baudRate));
  }

  async status(patience?: Patience): Promise<Status> {
    return read(Status, await this.client.ask(unitRequest("status", "read"), patience));
  }

  async identity(): Promise<Identity> {
    return read(Identity, await this.client.ask(unitRequest("identity", "read")));
  }

  async provision(settings: Provision): Promise<void> {
    await this.client.ask(unitRequest("provision", "write", settings));
  }

  /** For trying what must be refused. */
  tryTo(what: keyof typeof UNIT_COMMAND, op: Request["op"], body: Request["body"] = {}): Promise<Reply> {
    return this.client.request(unitRequest(what, op, body));
  }

  async handOver(): Promise<void> {
    await this.client.ask(unitRequest("handover", "write"));
  }

  reset(): Promise<Reply> {
    return this.client.request(unitRequest("reset", "write"));
  }

  async lights(scene: Lights["scene"]): Promise<void> {
    await this.client.ask(unitRequest("lights", "write", { scene }));
  }

  async inputs(): Promise<Inputs> {
    return read(Inputs, await this.client.ask(unitRequest("inputs", "read")));
  }

  async sound(): Promise<Sound> {
    return read(Sound, await this.client.ask(unitRequest("sound", "write"), { timeoutMs: SOUND_MS, tries: 1 }));
  }

  async network(): Promise<Network> {
    return read(Network, await this.client.ask(unitRequest("network", "write"), { timeoutMs: NETWORK_MS, tries: 1 }));
  }

  /** Null on a unit that takes no firmware. */
  async images(): Promise<readonly Image[] | null> {
    const reply = await this.client.request({ group: GROUP.image, id: 0, op: "read" });
    if (reply.ok) return read(Images, reply.body).images;
    if (reply.why === "refused" && reply.notSupported) return null;
    throw new Failure(reply.why === "refused" ? EXIT.refused : EXIT.silent, reply.rsn);
  }

  async tryNext(hash: Uint8Array): Promise<void> {
    await this.client.ask({ group: GROUP.image, id: 0, op: "write", body: { hash, confirm: false } });
  }

  async restart(): Promise<void> {
    await this.client.ask({ group: GROUP.os, id: 5, op: "write" });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.client[Symbol.asyncDispose]();
  }
}

/** Asks again and again until a unit answers on the port: after a restart, or while a cable is being plugged in. */
export async function reopenUnit(port: string, baudRate: number, patienceMs: number): Promise<UnitOnLine> {
  for (const startedMs = performance.now(); ; ) {
    const unit = await UnitOnLine.open(port, baudRate).catch(asNull);
    const status = await unit?.status({ timeoutMs: 1_000, tries: 1 }).catch(asNull);
    if (unit && status) return unit;
    await unit?.[Symbol.asyncDispose]();
    if (performance.now() - startedMs > patienceMs) {
      throw new Failure(EXIT.lost, "the unit does not answer any more: look at cable and power, then run this again");
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function asNull(error: unknown): null {
  if (error instanceof Failure) return null;
  throw error;
}

function unitRequest(what: keyof typeof UNIT_COMMAND, op: Request["op"], body: Request["body"] = {}): Request {
  return { group: GROUP.unit, id: UNIT_COMMAND[what], op, body };
}

function read<T>(schema: v.GenericSchema<unknown, T>, body: unknown): T {
  const parsed = v.safeParse(schema, body);
  if (parsed.success) return parsed.output;
  throw new Failure(
    EXIT.refused,
    `the unit answers as no version does that this tool knows: ${v.summarize(parsed.issues)}`,
  );
}
