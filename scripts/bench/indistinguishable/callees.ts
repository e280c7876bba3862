import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import type { HubAddress } from "#device/link/link.ts";
import type { Seen, Situation } from "./situations.ts";

/** What the process of the callees is told when it starts, as JSON: one list of callers a lane. */
export const CalleesPlan = v.strictObject({
  folder: v.string(),
  hub: v.strictObject({ name: v.string(), httpUrl: v.string(), mqttUrl: v.string() }),
  invitation: v.string(),
  lanes: v.array(v.array(v.string())),
});
export type CalleesPlan = v.InferOutput<typeof CalleesPlan>;

export const FromParent = v.picklist(["count", "close"]);

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const bySituation = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.strictObject({
    blocked: schema,
    unknown: schema,
    quiet: schema,
    ignored: schema,
    unanswered: schema,
    unplugged: schema,
  });
const FromCallees = v.variant("type", [
  v.strictObject({ type: v.literal("open"), accounts: v.array(bySituation(v.string())) }),
  v.strictObject({
    type: v.literal("counted"),
    lanes: v.array(bySituation(v.strictObject({ verdicts: v.record(v.string(), Count), rang: Count, opened: Count }))),
  }),
]);
export type FromCallees = v.InferOutput<typeof FromCallees>;

type SeenInLanes = readonly Readonly<Record<Situation, Seen>>[];

const PATIENCE_MS = 20_000;
const EVERY_MS = 20;
/** Below everybody else's: the callees are other machines, whose work must not take time from the caller's and the hub's. */
const NICENESS = 5;

/** All callees, six a lane, in one process of their own. */
export class Callees implements AsyncDisposable {
  readonly #child: ChildProcess;
  #counting: Promise<SeenInLanes> | null = null;
  accounts: readonly Readonly<Record<Situation, string>>[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(plan: Omit<CalleesPlan, "hub"> & { hub: HubAddress }): Promise<Callees> {
    const child = fork(fileURLToPath(new URL("./callees-process.ts", import.meta.url)), [JSON.stringify(plan)]);
    if (child.pid !== undefined) setPriority(child.pid, NICENESS);
    const callees = new Callees(child);
    const answer = await callees.#answer();
    if (answer.type !== "open") throw new Error("the callees did not open");
    callees.accounts = answer.accounts;
    return callees;
  }

  /** What they did so far; asked by several at a time, it is counted once. */
  seen(): Promise<SeenInLanes> {
    this.#counting ??= this.#count().finally(() => {
      this.#counting = null;
    });
    return this.#counting;
  }

  /** Waits until each callee of a lane whose unit is on has judged so many offers: here they are slower than elsewhere. */
  async judged(lane: number, offers: number): Promise<void> {
    for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += EVERY_MS) {
      const { unplugged: _off, ...on } = (await this.seen())[lane] ?? {};
      const judged = Object.values(on).map(({ verdicts }) =>
        Object.values(verdicts).reduce((sum, one) => sum + one, 0),
      );
      if (judged.every((each) => each >= offers)) return;
      await new Promise<void>((resolve) => setTimeout(resolve, EVERY_MS));
    }
    throw new Error(`a callee's unit had not judged ${offers} offers after ${PATIENCE_MS} ms`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    if (this.#child.connected) this.#child.send("close");
    await gone;
  }

  async #count(): Promise<SeenInLanes> {
    this.#child.send("count");
    const answer = await this.#answer();
    if (answer.type !== "counted") throw new Error("the callees did not count");
    return answer.lanes;
  }

  async #answer(): Promise<FromCallees> {
    const ended = new AbortController();
    const dead = once(this.#child, "exit", { signal: ended.signal }).then(() => {
      throw new Error("the callees' process ended");
    });
    try {
      const [message]: unknown[] = await Promise.race([once(this.#child, "message", { signal: ended.signal }), dead]);
      return v.parse(FromCallees, message);
    } finally {
      dead.catch(() => undefined);
      ended.abort();
    }
  }
}
