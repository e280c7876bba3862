import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "vitest";
import { Friends, startTimedSound } from "./friends.ts";
import { startHub } from "./hub.ts";
import { LinkedBrain } from "./linked-brain.ts";
import { LinkedUnit } from "./linked-unit.ts";

/**
 * So many accounts send so many offers each; the first half of the accounts is blocked, the others are unknown.
 * `pauseMs`: between an account's offer and its next. `again`: all that came is then laid before the unit once more, as a hub could.
 */
export type FloodPlan = Readonly<{
  accounts: number;
  each: number;
  pauseMs?: number;
  again?: boolean;
  /** So many friends call in turn. */
  friends?: number;
  /** With a real audio process, to hear when the tone begins. */
  sound?: boolean;
  /** A control: so much later what the hub delivers is looked at. */
  lateMs?: number;
}>;

export type Flooded = Readonly<{
  accounts: number;
  sent: number;
  accepted: number;
  delivered: number;
  /** Verdicts on those who flooded, as the journal counts them. */
  judged: Readonly<Record<string, number>>;
  seconds: number;
  calls: number;
  /** Of each allowed call: from delivery to the word to ring; from there to the tone; and from sending to that word. */
  ringsMs: readonly number[];
  soundsMs: readonly number[];
  endToEndMs: readonly number[];
  /** Tones and words that came of anything but the allowed caller. */
  otherSounds: number;
  heapGrowthBytes: number;
  diskGrowthBytes: number;
  journalLines: number;
  friendLines: number;
  friends: number;
  listed: number;
}>;

const FLOODER = fileURLToPath(new URL("flooder.ts", import.meta.url));
const UNLIMITED = { burst: 100_000, perSecond: 10_000 };
/** `design.md`: offer received → ring sounding, p99. */
const RING_BUDGET_MS = 50;
/** A friend's calls: as many at once as a hub takes of anybody, then as many as it takes for ever. */
const CALLS_AT_ONCE = 40;
const PAUSE_MS = { first: 40, later: 450 };
const AT_ONCE = 500;

/** A real hub, a unit's real brain on it, friends who call again and again, and a flood beside that. */
export async function flood(plan: FloodPlan): Promise<Flooded> {
  const { accounts, each, pauseMs = 0, again = false, friends: count = 1, sound = false, lateMs = 0 } = plan;
  await using stack = new AsyncDisposableStack();
  // Only enrolling is let go fast; what a unit may publish is what it always may.
  const hub = stack.use(await startHub({ limits: { enrolments: UNLIMITED } }));
  const invitation = await hub.invite(accounts + count + 1);
  const address = { name: hub.name, httpUrl: hub.httpUrl, mqttUrl: hub.mqttUrl };
  const ben = stack.use(await LinkedBrain.enrolled(address, invitation));
  ben.lateMs = lateMs;
  const friends: LinkedUnit[] = [];
  while (friends.length < count) {
    const friend = stack.use(await LinkedUnit.enrolled(address, invitation));
    const name = `Ana ${friends.push(friend)}`;
    ben.daemon.change({ type: "add-person", name, accounts: [friend.keystore.account], grants: ["ring"] }, "cli", []);
  }
  const certificate = Buffer.from(ben.keystore.certificate).toString("hex");
  const counts = ["--accounts", String(accounts), "--each", String(each), "--pause", String(pauseMs)];
  const flooder = stack.use(
    new Flooder(["--hub", JSON.stringify(address), "--invitation", invitation, "--to", certificate, ...counts]),
  );
  const crowd = (await flooder.hear("accounts")) as string[];
  for (const account of crowd.slice(0, crowd.length / 2)) {
    ben.daemon.change({ type: "block", block: { account } }, "cli", []);
  }
  flooder.goOn();
  await flooder.hear("sealed");
  const caller = new Friends(ben, friends, sound ? stack.use(await startTimedSound()) : null);
  for (const _ of friends) await caller.ringsOnce(); // what is loaded with the first call is no part of it
  caller.forget();
  const before = { heap: heapBytes(), disk: ben.diskBytes, delivered: ben.delivered };
  const startedMs = performance.now();
  flooder.goOn();
  const over = flooder.hear("accepted");
  const isOver = over.then(() => true);
  const pause = () => sleep(caller.figures.calls < count * CALLS_AT_ONCE ? PAUSE_MS.first : PAUSE_MS.later / count);
  while (!(await Promise.race([isOver, pause().then(() => false)]))) await caller.ringsOnce();
  const seconds = (performance.now() - startedMs) / 1_000;
  await quiet(ben);
  const replayed = again ? caller.others.splice(0) : [];
  for (let at = 0; at < replayed.length; at += AT_ONCE) {
    for (const delivery of replayed.slice(at, at + AT_ONCE)) ben.receive(delivery);
    await pause();
    await caller.ringsOnce();
  }
  caller.others.length = 0;
  ben.stores.journal.flush();
  return {
    accounts,
    sent: accounts * each,
    accepted: (await over) as number,
    delivered: ben.delivered - before.delivered - caller.deliveries,
    seconds,
    ...caller.figures,
    heapGrowthBytes: heapBytes() - before.heap,
    diskGrowthBytes: ben.diskBytes - before.disk,
    ...readJournal(ben, new Set(friends.map(({ keystore }) => keystore.account))),
    friends: count,
    listed: ben.stores.calls.list(10_000).length,
  };
}

/** The process that floods. */
class Flooder implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(parameters: readonly string[]) {
    const child = spawn(process.execPath, [FLOODER, ...parameters], { stdio: ["pipe", "pipe", "inherit"] });
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  async hear(what: string): Promise<unknown> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error("the flood ended early");
    return (JSON.parse(line.value) as Record<string, unknown>)[what];
  }

  goOn(): void {
    this.#child.stdin?.write("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }
}

/** Until nothing is delivered any more. */
async function quiet(ben: LinkedBrain): Promise<void> {
  for (let before = -1; before !== ben.delivered; await sleep(500)) before = ben.delivered;
}

/** Generous: what is asked is that a flood grows nothing without bound, and that a friend rings all the same. */
export function assertHeldOut(flooded: Flooded): void {
  const { calls, ringsMs, judged, heapGrowthBytes, diskGrowthBytes, journalLines, friendLines, friends } = flooded;
  expect(flooded.otherSounds).toBe(0);
  expect(calls).toBeGreaterThan(2);
  expect(quantile(ringsMs, 0.5)).toBeLessThan(500);
  // The control: they were looked at, and both kinds were there.
  expect(Object.keys(judged)).toEqual(expect.arrayContaining(["drop blocked", "hold unknown"]));
  expect(heapGrowthBytes).toBeLessThan(64 * 1_048_576);
  expect(diskGrowthBytes).toBeLessThan(16 * 1_048_576);
  // Two verdicts a call, an offer and an end, and the first calls': nothing of a friend's was pushed out.
  expect(friendLines).toBe(2 * (calls + friends));
  // A minute's verdicts on one account are one line each kind, and beyond a budget one for all.
  expect(journalLines).toBeLessThan(Math.min(300, 3 * flooded.accounts + 100));
}

/** The figures, for whoever reports them. */
export function describeFlood(flooded: Flooded): string {
  const { sent, accepted, delivered, judged, seconds, ringsMs, soundsMs, endToEndMs, calls, otherSounds } = flooded;
  const verdicts = Object.entries(judged).map(([verdict, count]) => `${verdict} ${count}`);
  const mb = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MB`;
  const ms = (values: readonly number[]) =>
    `p50 ${quantile(values, 0.5).toFixed(1)}, p99 ${quantile(values, 0.99).toFixed(1)}, most ${quantile(values, 1).toFixed(1)} ms`;
  const budgeted = (values: readonly number[]) =>
    `${ms(values)}; budget p99 ${RING_BUDGET_MS} ms ${quantile(values, 0.99) <= RING_BUDGET_MS ? "kept" : "MISSED"}`;
  const heard = ringsMs.map((rang, at) => rang + (soundsMs[at] ?? 0));
  return [
    `${sent} sent, ${accepted} accepted by the hub, ${delivered} delivered in ${seconds.toFixed(1)} s; ${verdicts.join(", ")}`,
    `${flooded.friends} who may called ${calls} times; other sounds ${otherSounds}`,
    `  delivered to the word to ring: ${budgeted(ringsMs)}`,
    ...(soundsMs.length > 0
      ? [`  delivered to the tone's first 10 ms: ${budgeted(heard)}; of that, from the word on: ${ms(soundsMs)}`]
      : []),
    `  sent to the word to ring: ${ms(endToEndMs)}`,
    `memory +${mb(flooded.heapGrowthBytes)}, disk +${mb(flooded.diskGrowthBytes)}, journal ${flooded.journalLines} lines, ` +
      `${flooded.friendLines} of friends', calls listed ${flooded.listed}`,
  ].join("\n  ");
}

function readJournal(ben: LinkedBrain, friends: ReadonlySet<string>) {
  const judged: Record<string, number> = {};
  let journalLines = 0;
  let friendLines = 0;
  for (let before: number | undefined; ; ) {
    const page = ben.stores.journal.list({ limit: 200, before });
    before = page.at(-1)?.id;
    if (before === undefined) break;
    for (const { what, act, because, account, count } of page) {
      journalLines += 1;
      if (what !== "verdict") continue;
      if (account !== undefined && friends.has(account)) friendLines += count;
      else judged[`${act} ${because}`] = (judged[`${act} ${because}`] ?? 0) + count;
    }
  }
  return { judged, journalLines, friendLines };
}

function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
  return process.memoryUsage().heapUsed;
}

/** The `part`-quantile, by rank. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
