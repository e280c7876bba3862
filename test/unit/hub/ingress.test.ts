import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { accountIdOf } from "#device/keys/account.ts";
import { decodeReceipt, encodeFrame } from "#device/wire/frame.ts";
import { deliveryDigest, encodeSettlement } from "#device/wire/settlement.ts";
import { type Address, hubTopic } from "#device/wire/topics.ts";
import { Ingress } from "#hub/ingress.ts";
import type { Entry } from "#hub/queues.ts";
import { Spool } from "#hub/spool.ts";
import { Store } from "#hub/store.ts";
import { FakeClock } from "../../house/fake-clock.ts";
import { fixedUnit } from "../../house/fixed-keys.ts";
import { makeTempFolder } from "../../house/temp-folder.ts";

const ana: Address = fixedUnit("ana").certificate;
const ben: Address = fixedUnit("ben").certificate;
const NOBODY = accountIdOf(new Uint8Array(32).fill(1));

/** The hub's clockwork on a clock that a test moves, with a real spool; what it would send is written down. */
async function clockwork(clock = new FakeClock(1_000_000)) {
  const temp = await makeTempFolder();
  const store = await Store.open(temp.path);
  const told: { id: string | null; topic: string; atMs: number }[] = [];
  const routed: { entry: Entry; atMs: number }[] = [];
  const cut: Address[] = [];
  const released: { unit: Address; digests: readonly string[] }[] = [];
  const spool = new Spool(store);
  const ingress = new Ingress({
    clock,
    log: noLog,
    rate: { burst: 20, perSecond: 1 },
    spool,
    tell: (_unit, topic, payload) => told.push({ id: decodeReceipt(payload), topic, atMs: clock.nowMs() }),
    cutOff: (unit) => cut.push(unit),
    route: (entry) => routed.push({ entry, atMs: clock.nowMs() }),
    release: (unit, digests) => released.push({ unit, digests }),
  });
  /** One millisecond at a time, and the disk always ready before the next. */
  const pass = async (ms: number) => {
    for (let count = 0; count < ms; count += 1) {
      clock.advance(1);
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const settle = () => new Promise((resolve) => setTimeout(resolve, 60));
  const publish = (to: string, index: number) => {
    const id = String(index).padStart(32, "0");
    ingress.take(ana, encodeFrame({ to, class: "calls", id, envelope: new Uint8Array([index]) }));
    return id;
  };
  const close = async () => {
    await ingress[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await temp[Symbol.asyncDispose]();
  };
  return {
    clock,
    spool,
    store,
    ingress,
    told,
    routed,
    cut,
    released,
    pass,
    settle,
    publish,
    [Symbol.asyncDispose]: close,
  };
}

test("a publication is accepted on the grid, a whole tick after it came, and routed only then, off the grid", async () => {
  await using hub = await clockwork();
  await hub.pass(7);
  const id = hub.publish(NOBODY, 1);
  await hub.pass(13);
  await hub.settle();
  expect(hub.told).toEqual([]);
  await hub.pass(20);
  expect(hub.told).toEqual([{ id, topic: hubTopic(ana, "accepted"), atMs: 1_000_040 }]);
  expect(hub.routed).toEqual([]);
  await hub.pass(20);
  expect(hub.routed).toMatchObject([{ entry: { sender: ana.account, to: NOBODY }, atMs: 1_000_050 }]);
});

test("a publication that came just before a late tick is not accepted early for it", async () => {
  class LateOnce extends FakeClock {
    #late = true;
    override after(delayMs: number, run: () => void): () => void {
      const lateMs = this.#late ? 15 : 0;
      this.#late = false;
      return super.after(delayMs + lateMs, run);
    }
  }
  await using hub = await clockwork(new LateOnce(1_000_000));
  hub.publish(NOBODY, 1);
  await hub.pass(34);
  const second = hub.publish(NOBODY, 2);
  await hub.pass(1);
  await hub.settle();
  await hub.pass(40);
  expect(hub.told.find(({ id }) => id === second)?.atMs).toBe(1_000_060);
});

test("what is accepted is on the disk already", async () => {
  await using hub = await clockwork();
  hub.publish(ben.account, 1);
  await hub.pass(20);
  await hub.settle();
  expect(hub.told).toEqual([]);
  const keys = await hub.store.spool.keys().all();
  expect(keys).toHaveLength(1);
  expect(await hub.spool.read(keys[0] ?? "")).toEqual(new Uint8Array([1]));
});

test("too many publications are refused, and far too many end the connection", async () => {
  await using hub = await clockwork();
  for (let index = 0; index < 45; index += 1) hub.publish(ben.account, index);
  await hub.pass(20);
  await hub.settle();
  await hub.pass(20);
  const words = hub.told.map(({ topic }) => topic.split("/").at(-1));
  expect(words.filter((word) => word === "accepted")).toHaveLength(20);
  expect(words.filter((word) => word === "refused")).toHaveLength(20);
  expect(hub.cut).toHaveLength(5);
});

test("what a unit settles takes nothing from what it may publish, and is no publication", async () => {
  await using hub = await clockwork();
  const digest = deliveryDigest(ben.account, new Uint8Array([1]));
  for (let count = 0; count < 100; count += 1) hub.ingress.take(ana, encodeSettlement([digest]));
  expect(hub.released).toHaveLength(40);
  expect(hub.released[0]).toEqual({ unit: ana, digests: [digest] });
  expect(hub.cut).toEqual([]);
  for (let index = 0; index < 20; index += 1) hub.publish(ben.account, index);
  await hub.pass(20);
  await hub.settle();
  await hub.pass(20);
  expect(hub.told.map(({ topic }) => topic.split("/").at(-1))).toEqual(Array.from({ length: 20 }, () => "accepted"));
});

test("what begins like a settlement and is none is dropped without a word", async () => {
  await using hub = await clockwork();
  const good = encodeSettlement([deliveryDigest(ben.account, new Uint8Array([1]))]);
  const long = Buffer.concat([good, new Uint8Array(10_000)]);
  for (const bytes of [good.subarray(0, -1), long, Buffer.concat([good, new Uint8Array(1)])])
    hub.ingress.take(ana, bytes);
  await hub.pass(60);
  expect([hub.released, hub.told, hub.routed]).toEqual([[], [], []]);
});

test("what is no frame is dropped without a word", async () => {
  await using hub = await clockwork();
  for (const bytes of [new Uint8Array(), Buffer.from("x"), new Uint8Array(300 * 1_024)]) hub.ingress.take(ana, bytes);
  await hub.pass(20);
  await hub.settle();
  await hub.pass(40);
  expect([hub.told, hub.routed]).toEqual([[], []]);
  expect(await hub.store.spool.keys().all()).toEqual([]);
});

test("the spool gives back what was on its way, in order, and throws out what it cannot read", async () => {
  await using temp = await makeTempFolder();
  {
    await using store = await Store.open(temp.path);
    const spool = new Spool(store);
    const frames = [1, 2, 3].map((index) => ({
      to: ben.account,
      class: "inbox" as const,
      id: "0".repeat(32),
      envelope: new Uint8Array([index]),
    }));
    const entered = frames.map((frame) => spool.enter(ana.account, frame, 1_000));
    await spool.write(entered.map(({ change }) => change));
    await store.write([{ part: store.spool, type: "put", key: "0000000000000009", value: Buffer.from("rubbish") }]);
    spool.leave(entered[1]?.entry.key ?? "");
    await spool.sweep();
  }
  await using store = await Store.open(temp.path);
  const spool = new Spool(store);
  const entries = await Array.fromAsync(spool.recover());
  expect(await Promise.all(entries.map(({ key }) => spool.read(key)))).toEqual([
    new Uint8Array([1]),
    new Uint8Array([3]),
  ]);
  const { entry } = spool.enter(
    ana.account,
    { to: ben.account, class: "calls", id: "0".repeat(32), envelope: new Uint8Array([4]) },
    1_000,
  );
  expect(Number(entry.key)).toBe(10);
});
