import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HubProcess } from "../../stage/hub-process.ts";
import { Callees } from "./callees.ts";
import { Caller } from "./caller.ts";
import type { Leak } from "./leaky-hub.ts";
import { faultIn, SITUATIONS, type Situation } from "./situations.ts";
import type { Trial } from "./trial.ts";

export type StageOptions = Readonly<{
  lanes: number;
  /** How long a caller's unit rings back. */
  ringBackMs: number;
  /** A hub that leaks whether the callee's unit is connected. */
  leak?: Leak["leak"] | null;
  random: () => number;
}>;

/** What each caller saw, by situation; the same place in two lists is the same round of the same lane. */
export type Trials = Readonly<Record<Situation, readonly Trial[]>>;

/**
 * The hub that a caller's own limits are not to slow down: no trial is faster than a person could call, but each caller
 * makes hundreds. Whatever these limits are, they look at the sender alone.
 */
const LIMITS = {
  publications: { burst: 1_000, perSecond: 100 },
  requests: { burst: 1_000, perSecond: 100 },
  enrolments: { burst: 1_000, perSecond: 1_000 },
};
/** Callers of one round start within this of each other. */
const SPREAD_MS = 150;
const TICK_MS = 20;
const MOST_TRIES = 10;

/**
 * A hub and its relay as processes of their own, callees in another, callers in this one; in lanes of six callers and
 * six callees, one a situation. In each round of a lane every caller calls another callee, all at once, so that each
 * situation gets one trial under the same load; over six rounds every caller has called every callee, in random order.
 */
export class Stage implements AsyncDisposable {
  readonly #options: StageOptions;
  readonly #lanes: readonly Lane[];
  readonly #callees: Callees;
  readonly #built: AsyncDisposableStack;

  private constructor(options: StageOptions, lanes: readonly Lane[], callees: Callees, built: AsyncDisposableStack) {
    this.#options = options;
    this.#lanes = lanes;
    this.#callees = callees;
    this.#built = built;
  }

  static async build(options: StageOptions): Promise<Stage> {
    const { lanes, ringBackMs, leak = null } = options;
    await using building = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "porter-same-"));
    building.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const leakFile = join(folder, "leak.json");
    const leaking = { preload: import.meta.resolve("./leaky-hub.ts"), environment: { PORTER_TEST_LEAK: leakFile } };
    const hub = building.use(
      await HubProcess.start(join(folder, "hub"), { limits: LIMITS, ...(leak !== null && leaking) }),
    );
    const invitation = await hub.invite(2 * lanes * SITUATIONS.length);
    const callers = await Promise.all(
      Array.from({ length: lanes * SITUATIONS.length }, async (_, index) =>
        building.use(await Caller.open({ folder: join(folder, `caller-${index}`), hub, invitation, ringBackMs })),
      ),
    );
    const inLanes = Array.from({ length: lanes }, (_, lane) => callers.slice(lane * 6, lane * 6 + 6));
    const callees = building.use(
      await Callees.start({
        folder,
        hub: hub.address,
        invitation,
        lanes: inLanes.map((lane) => lane.map(({ account }) => account)),
      }),
    );
    if (leak !== null) {
      const connected = SITUATIONS.filter((situation) => situation !== "unplugged");
      const accounts = callees.accounts.flatMap((lane) => connected.map((situation) => lane[situation]));
      await writeFile(leakFile, JSON.stringify({ leak, accounts } satisfies Leak));
    }
    const built = inLanes.map(
      (lane, index): Lane => ({ callers: lane, callees: callees.accounts[index] ?? noAccounts() }),
    );
    return new Stage(options, built, callees, building.move());
  }

  /** At least so many trials of each situation. Fails where a trial was not what it claims to be. */
  async play(trials: number, onProgress: (done: number, of: number) => void = () => undefined): Promise<Trials> {
    const seen: Record<Situation, Trial[]>[] = this.#lanes.map(() => noTrials());
    const rounds = Math.ceil(trials / this.#lanes.length);
    let done = 0;
    const failed = new AbortController();
    const lanes = await Promise.allSettled(
      this.#lanes.map(async (lane, index) => {
        const own = seen[index] ?? noTrials();
        const shifts = new Shifts(this.#options.random);
        await sleep(this.#options.random() * this.#options.ringBackMs);
        for (let round = 0; round < rounds && !failed.signal.aborted; round += 1) {
          await this.#round(lane, shifts.next(), own).catch((error: unknown) => {
            failed.abort();
            throw error;
          });
          await this.#callees.judged(index, 2 * (round + 1));
          done += SITUATIONS.length;
          onProgress(done, rounds * SITUATIONS.length * this.#lanes.length);
        }
        for (const caller of lane.callers) caller.finish();
      }),
    );
    for (const lane of lanes) if (lane.status === "rejected") throw lane.reason;
    await this.#mustBeTrue(rounds);
    return merged(seen);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#built.disposeAsync();
  }

  async #round(lane: Lane, shift: number, seen: Record<Situation, Trial[]>): Promise<void> {
    const { random, ringBackMs } = this.#options;
    const wallOffsetMs = wallOffset();
    // The same for all six: what the caller does herself must not tell them apart.
    const hangUpAfterMs = random() < 0.5 ? null : ringBackMs * (0.5 + 0.4 * random());
    await Promise.all(
      SITUATIONS.map(async (situation, index) => {
        const caller = lane.callers[(index + shift) % SITUATIONS.length];
        await sleep(random() * SPREAD_MS);
        const plan = { callee: lane.callees[situation], hangUpAfterMs, pauseMs: random() * 2 * TICK_MS, wallOffsetMs };
        for (let tries = 0; tries < MOST_TRIES; tries += 1) {
          if (await caller?.call(plan, (trial) => seen[situation].push(trial))) return;
        }
        throw new Error("this machine is too slow: let it ring longer, in fewer lanes");
      }),
    );
  }

  async #mustBeTrue(rounds: number): Promise<void> {
    for (const lane of await this.#callees.seen()) {
      for (const situation of SITUATIONS) {
        const fault = faultIn(situation, lane[situation], rounds);
        if (fault !== null) throw new Error(fault);
      }
    }
  }
}

type Lane = Readonly<{ callers: readonly Caller[]; callees: Readonly<Record<Situation, string>> }>;

/** Which caller calls whom: each shift once in six rounds, in random order, none twice in a row. */
class Shifts {
  readonly #random: () => number;
  #left: number[] = [];
  #last = -1;

  constructor(random: () => number) {
    this.#random = random;
  }

  next(): number {
    if (this.#left.length === 0) this.#left = SITUATIONS.map((_, index) => index);
    // Who was just ignored would not ring again at once.
    const free = this.#left.filter((shift) => shift !== this.#last);
    const picked = free[Math.floor(this.#random() * free.length)] ?? 0;
    this.#left = this.#left.filter((shift) => shift !== picked);
    this.#last = picked;
    return picked;
  }
}

/** Wall clock minus monotonic clock, as the wall clock's next millisecond begins. */
function wallOffset(): number {
  const before = Date.now();
  let now = before;
  while (now === before) now = Date.now();
  return now - performance.now();
}

function noTrials(): Record<Situation, Trial[]> {
  return { blocked: [], unknown: [], quiet: [], ignored: [], unanswered: [], unplugged: [] };
}

function noAccounts(): never {
  throw new Error("a lane has no callees");
}

function merged(lanes: readonly Record<Situation, Trial[]>[]): Trials {
  const all = noTrials();
  for (const lane of lanes) for (const situation of SITUATIONS) all[situation].push(...lane[situation]);
  return all;
}
