import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "vitest";
import type { Delivery } from "#device/link/link.ts";
import { seal } from "#device/wire/envelope.ts";
import { SIDE } from "./brain.ts";
import { startHub } from "./hub.ts";
import { LinkedBrain } from "./linked-brain.ts";
import { LinkedUnit } from "./linked-unit.ts";

/**
 * So many accounts send so many offers each; the first half of the accounts is blocked, the others are unknown.
 * `pauseMs`: between an account's offer and its next. `again`: all that came is then laid before the unit once more, as a hub could.
 */
export type FloodPlan = Readonly<{ accounts: number; each: number; pauseMs?: number; again?: boolean }>;

export type Flooded = Readonly<{
  accounts: number;
  sent: number;
  accepted: number;
  delivered: number;
  /** Verdicts on those who flooded, as the journal counts them. */
  judged: Readonly<Record<string, number>>;
  seconds: number;
  /** The allowed caller's: how long from delivery to ring, and from sending to ring. */
  ringsMs: readonly number[];
  endToEndMs: readonly number[];
  calls: number;
  /** Tones and words that came of anything but the allowed caller. */
  otherSounds: number;
  heapGrowthBytes: number;
  diskGrowthBytes: number;
  journalLines: number;
  friendLines: number;
  listed: number;
}>;

const FLOODER = fileURLToPath(new URL("flooder.ts", import.meta.url));
const UNLIMITED = { burst: 100_000, perSecond: 10_000 };
const RING_WITHIN_MS = 10_000;
/** The friend's calls: as many at once as a hub takes of anybody, then as many as it takes for ever. */
const CALLS_AT_ONCE = 40;
const PAUSE_MS = { first: 40, later: 450 };
const AT_ONCE = 500;

/** A real hub, a unit's real brain on it, a friend who calls again and again, and a flood beside that. */
export async function flood({ accounts, each, pauseMs = 0, again = false }: FloodPlan): Promise<Flooded> {
  await using stack = new AsyncDisposableStack();
  // Only enrolling is let go fast; what a unit may publish is what it always may.
  const hub = stack.use(await startHub({ limits: { enrolments: UNLIMITED } }));
  const invitation = await hub.invite(accounts + 2);
  const address = { name: hub.name, httpUrl: hub.httpUrl, mqttUrl: hub.mqttUrl };
  const ben = stack.use(await LinkedBrain.enrolled(address, invitation));
  const friend = stack.use(await LinkedUnit.enrolled(address, invitation));
  ben.daemon.change(
    { type: "add-person", name: "Ana", accounts: [friend.keystore.account], grants: ["ring"] },
    "cli",
    [],
  );
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
  const caller = new Friend(ben, friend);
  await caller.ringsOnce(); // what is loaded with the first call is no part of it
  caller.forget();
  const before = { heap: heapBytes(), disk: ben.diskBytes, delivered: ben.delivered };
  const startedMs = performance.now();
  flooder.goOn();
  const over = flooder.hear("accepted");
  const isOver = over.then(() => true);
  const pause = () => sleep(caller.figures.calls < CALLS_AT_ONCE ? PAUSE_MS.first : PAUSE_MS.later);
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
    ...readJournal(ben, friend.keystore.account),
    listed: ben.stores.calls.list(10_000).length,
  };
}

/** Rings, is seen to ring, gives up; over and over. */
class Friend {
  readonly #ben: LinkedBrain;
  readonly #unit: LinkedUnit;
  readonly #ringsMs: number[] = [];
  readonly #endToEndMs: number[] = [];
  deliveries = 0;
  /** What came from everybody else. */
  readonly others: Delivery[] = [];
  #otherSounds = 0;
  #deliveredMs = 0;
  #isCalling = false;
  #rang: (() => void) | null = null;

  constructor(ben: LinkedBrain, unit: LinkedUnit) {
    this.#ben = ben;
    this.#unit = unit;
    ben.onDelivery = (delivery) => {
      if (delivery.sender === unit.keystore.account) {
        this.deliveries += 1;
        this.#deliveredMs = performance.now();
      } else this.others.push(delivery);
    };
    ben.onCommand = (command) => {
      if (command.type !== "start-tone" && command.type !== "say") return;
      if (!this.#isCalling) this.#otherSounds += 1;
      if (command.type === "start-tone" && command.tone === "ring") this.#rang?.();
    };
  }

  get figures() {
    return {
      ringsMs: this.#ringsMs,
      endToEndMs: this.#endToEndMs,
      calls: this.#ringsMs.length,
      otherSounds: this.#otherSounds,
    };
  }

  forget(): void {
    this.#ringsMs.length = 0;
    this.#endToEndMs.length = 0;
    this.deliveries = 0;
  }

  async ringsOnce(): Promise<void> {
    const sentMs = performance.now();
    this.#isCalling = true;
    const rang = new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("the friend's call did not ring")), RING_WITHIN_MS);
      this.#rang = () => {
        clearTimeout(late);
        this.#ringsMs.push(performance.now() - this.#deliveredMs);
        this.#endToEndMs.push(performance.now() - sentMs);
        resolve();
      };
    });
    const offer = await this.#send({ kind: "call.offer", body: SIDE });
    await rang;
    this.#isCalling = false;
    await this.#send({ kind: "call.end", body: { offer } });
    while (this.#ben.daemon.state.call.at !== "idle") await sleep(5);
  }

  async #send(message: Parameters<typeof seal>[0]["message"]): Promise<string> {
    const { certificate } = this.#ben;
    const sealed = await seal({ sender: this.#unit.keystore, to: certificate, message, nowMs: Date.now() });
    const { account: to, unit } = certificate;
    const published = await this.#unit.link.publish({
      to,
      unit,
      class: "calls",
      id: sealed.id,
      envelope: sealed.bytes,
    });
    if (!published.ok) throw new Error(`the friend's envelope was not accepted: ${published.reason}`);
    return sealed.id;
  }
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
  const { calls, ringsMs, judged, heapGrowthBytes, diskGrowthBytes, journalLines, friendLines, otherSounds } = flooded;
  expect(otherSounds).toBe(0);
  expect(calls).toBeGreaterThan(2);
  expect(quantile(ringsMs, 0.5)).toBeLessThan(500);
  // The control: they were looked at, and both kinds were there.
  expect(Object.keys(judged)).toEqual(expect.arrayContaining(["drop blocked", "hold unknown"]));
  expect(heapGrowthBytes).toBeLessThan(64 * 1_048_576);
  expect(diskGrowthBytes).toBeLessThan(16 * 1_048_576);
  // Two verdicts a call, an offer and an end, and the first call's: nothing of a friend's was pushed out.
  expect(friendLines).toBe(2 * (calls + 1));
  // A minute's verdicts on one account are one line each kind, and beyond a budget one for all.
  expect(journalLines).toBeLessThan(Math.min(300, 3 * flooded.accounts + 100));
}

/** The figures in one line, for whoever reports them. */
export function describeFlood(flooded: Flooded): string {
  const { sent, accepted, delivered, judged, seconds, ringsMs, endToEndMs, calls, otherSounds } = flooded;
  const verdicts = Object.entries(judged).map(([verdict, count]) => `${verdict} ${count}`);
  const mb = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MB`;
  const ms = (values: readonly number[]) =>
    `p50 ${quantile(values, 0.5).toFixed(1)}, p99 ${quantile(values, 0.99).toFixed(1)}, most ${quantile(values, 1).toFixed(1)} ms`;
  return [
    `${sent} sent, ${accepted} accepted by the hub, ${delivered} delivered in ${seconds.toFixed(1)} s; ${verdicts.join(", ")}`,
    `a friend rang ${calls} times: delivered to ring ${ms(ringsMs)}; sent to ring ${ms(endToEndMs)}; other sounds ${otherSounds}`,
    `memory +${mb(flooded.heapGrowthBytes)}, disk +${mb(flooded.diskGrowthBytes)}, journal ${flooded.journalLines} lines, ` +
      `${flooded.friendLines} of the friend's, calls listed ${flooded.listed}`,
  ].join("\n  ");
}

function readJournal(ben: LinkedBrain, friend: string) {
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
      if (account === friend) friendLines += count;
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
function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
