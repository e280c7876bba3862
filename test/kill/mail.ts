import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { systemClock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import { openKeystore } from "#device/keys/keystore.ts";
import { openLink } from "#device/link/broker.ts";
import type { Stores } from "#device/ports.ts";
import { openStores } from "#device/stores.ts";
import { type HubFixture, startHub } from "../house/hub.ts";
import { makeTempFolder } from "../house/temp-folder.ts";

const UNIT = fileURLToPath(new URL("mail-unit.ts", import.meta.url));
const STARTED_WITHIN_MS = 30_000;
/** Every so many messages one has a sound of two parts. */
export const VOICE_EVERY = 40;
const MUCH = { burst: 10_000, perSecond: 1_000 };
/** What waits for longer than a receiver was down is more than the hub keeps of one sender by default, and throws away. */
const MANY = 4_096;
const SOUND_BYTES = 190_000;

/** How late a broken unit keeps a parcel: the last ones came less long ago when the receiver is killed for the last time. */
export const LATE_MS = 5_000;
/** More messages than one start comes to leave. */
const NUMBERS_A_START = 1_000;

const DAY = { allMs: 86_400_000 };
/** Room for all of them: this is not about floods. */
export const ENOUGH = { inbox: DAY, requests: DAY, evidence: DAY };

/** The sound of a message, the same for the same number. */
export function soundOf(number: number): Uint8Array {
  return new Uint8Array(SOUND_BYTES).fill(number % 251);
}

type Unit = Readonly<{ folder: string; account: string }>;

/** Random numbers that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What the two units and the hub came to, once all was quiet. */
export type Outcome = Readonly<{
  /** The numbers of the messages that the sender's outbox said it had. */
  added: readonly number[];
  /** How often each number lies in the receiver's inbox. */
  arrived: ReadonlyMap<number, number>;
  /** Sounds that are not what was sent. */
  wrong: number;
  kills: Readonly<Record<Part, number>>;
}>;
type Part = "sender" | "hub" | "receiver";

/**
 * Ana leaves Ben message after message, while one of the three processes that they pass through is killed at a random
 * moment, again and again; then all is left in peace until nothing waits any more, or `patienceMs` is over.
 */
export async function killAlong(options: {
  kills: number;
  seed: number;
  broken?: string;
  patienceMs?: number;
}): Promise<Outcome> {
  const random = randomFrom(options.seed);
  await using stack = new AsyncDisposableStack();
  const hub = stack.use(
    await startHub({ limits: { publications: MUCH, requests: MUCH, inboxEntriesPerSender: MANY } }),
  );
  const ana = await enrolled(stack, hub);
  const ben = await enrolled(stack, hub);
  await change(ben, (stores) => {
    stores.book.change({ type: "add-person", name: "Ana", accounts: [ana.account], grants: ["message"] });
  });
  const receiver = stack.use(
    new Child(["--folder", ben.folder, ...(options.broken ? ["--broken", options.broken] : [])], hub),
  );
  const sender = stack.use(new Child(["--folder", ana.folder, "--to", ben.account], hub));
  await receiver.start();
  await sender.start();
  const kills = { sender: 0, hub: 0, receiver: 0 };
  const parts = ["sender", "hub", "receiver"] as const;
  for (let kill = 0; kill < options.kills; kill += 1) {
    await sleep(100 + random() * 700);
    const part = parts[Math.floor(random() * parts.length)] ?? "receiver";
    kills[part] += 1;
    if (part === "hub") {
      await hub.kill();
      await hub.restart();
    } else {
      await (part === "sender" ? sender : receiver).restart();
    }
  }
  await sleep(1_000);
  await sender.rest();
  // What a broken unit merely keeps late is not lost.
  const quietMs = QUIET_MS + (options.broken === undefined ? 0 : LATE_MS);
  await settled(sender, receiver, { patienceMs: options.patienceMs ?? 60_000, quietMs });
  await Promise.all([sender.kill(), receiver.kill()]);
  return { ...(await inboxOf(ben)), added: sender.added, kills };
}

/** Longer than the hub and its unit, which settles eight a second, leave between two. */
const QUIET_MS = 4_000;

/** Until the sender has nothing left to send, and for as long as the hub may need to deliver what it had. */
async function settled(
  sender: Child,
  receiver: Child,
  { patienceMs, quietMs }: Readonly<{ patienceMs: number; quietMs: number }>,
): Promise<void> {
  const untilMs = Date.now() + patienceMs;
  while (sender.waiting !== 0 && Date.now() < untilMs) await sleep(250);
  // What the receiver had acknowledged and not settled comes again with its next connection.
  await receiver.restart();
  let kept = receiver.kept;
  for (let stillMs = 0; stillMs < quietMs; stillMs += 500) {
    await sleep(500);
    if (receiver.kept !== kept) stillMs = 0;
    kept = receiver.kept;
  }
}

async function inboxOf(unit: Unit): Promise<Pick<Outcome, "arrived" | "wrong">> {
  const arrived = new Map<number, number>();
  let wrong = 0;
  await change(unit, ({ inbox }) => {
    for (const { kind, text, durationMs, id, from } of inbox.entries()) {
      const number = kind === "voice" ? durationMs - 1_000 : Number(text?.split(" ")[1]);
      arrived.set(number, (arrived.get(number) ?? 0) + 1);
      if (kind === "voice" && Buffer.compare(inbox.sound(id, from) ?? new Uint8Array(), soundOf(number)) !== 0)
        wrong += 1;
    }
  });
  return { arrived, wrong };
}

async function enrolled(stack: AsyncDisposableStack, hub: HubFixture): Promise<Unit> {
  const folder = `${stack.use(await makeTempFolder()).path}/unit`;
  const keys = await openKeystore({ folder, nowMs: Date.now() });
  if (!keys.ok) throw new Error(keys.message);
  const { keystore } = keys;
  const ignore = () => undefined;
  await using link = openLink({
    hub: { name: hub.name, mqttUrl: hub.mqttUrl, httpUrl: hub.httpUrl },
    keystore,
    clock: systemClock,
    log: noLog,
    seqs: new Map<string, number>(),
    onEnvelope: ignore,
    onState: ignore,
  });
  const result = await link.enrol(await hub.invite(1));
  if (!result.ok) throw new Error(`not enrolled: ${result.reason}`);
  return { folder, account: keystore.account };
}

/** Opens a unit's stores while it is not running. */
async function change<Done>({ folder }: Unit, run: (stores: Stores) => Done): Promise<Done> {
  const keys = await openKeystore({ folder, nowMs: Date.now() });
  if (!keys.ok) throw new Error(keys.message);
  const opened = openStores(folder, keys.keystore, { region: "GB", clock: systemClock, log: noLog, rooms: ENOUGH });
  if (!opened.ok) throw new Error(opened.fault);
  try {
    return run(opened.stores);
  } finally {
    opened.close();
  }
}

/** A process of a unit, started again after each kill; no number is used twice. */
class Child implements AsyncDisposable {
  readonly added: number[] = [];
  /** Messages that have not left it, as it last said; null: it has not said yet. */
  waiting: number | null = null;
  kept: number | null = null;
  readonly #parameters: readonly string[];
  #resting = false;
  #starts = 0;
  #process: ChildProcess | null = null;

  constructor(parameters: readonly string[], hub: HubFixture) {
    this.#parameters = [UNIT, ...parameters, "--mqtt", hub.mqttUrl, "--http", hub.httpUrl];
  }

  async start(): Promise<void> {
    // What it said last says nothing of what is in the outbox: it may have been killed twice before it came to say so.
    const next = String(NUMBERS_A_START * this.#starts++);
    const parameters = this.#parameters.filter(
      (each, at, all) => !this.#resting || (each !== "--to" && all[at - 1] !== "--to"),
    );
    const child = spawn(process.execPath, [...parameters, "--from", next], { stdio: ["ignore", "pipe", "inherit"] });
    this.#process = child;
    const started = Promise.withResolvers<void>();
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [word, number] = line.split(" ");
      if (word === "started") started.resolve();
      if (word === "added") this.added.push(Number(number));
      if (word === "waiting") this.waiting = Number(number);
      if (word === "kept") this.kept = Number(number);
    });
    child.once("exit", () => started.reject(new Error("the unit ended")));
    const late = setTimeout(() => started.reject(new Error("the unit was not there in time")), STARTED_WITHIN_MS);
    await started.promise.finally(() => clearTimeout(late));
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    this.waiting = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** From now on it only sends what it has. */
  async rest(): Promise<void> {
    this.#resting = true;
    await this.restart();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
