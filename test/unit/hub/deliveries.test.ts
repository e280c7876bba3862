import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { accountIdOf } from "#device/keys/account.ts";
import { Deliveries } from "#hub/deliveries.ts";
import { Holdings } from "#hub/holdings.ts";
import type { Entry } from "#hub/queues.ts";
import { FakeClock } from "../../house/fake-clock.ts";
import { fixedUnit } from "../../house/fixed-keys.ts";

const ana = fixedUnit("ana").certificate;
const ben = fixedUnit("ben").certificate;
const cem = fixedUnit("cem").certificate;
const NOBODY = accountIdOf(new Uint8Array(32).fill(1));
const holdings = new Holdings({ bytes: 1_000, bytesPerSender: 1_000 });

test("a disk that reads one envelope slowly lets no other overtake it: an end never comes before its offer", async () => {
  const clock = new FakeClock(1_000_000);
  const delivered: string[] = [];
  using deliveries = new Deliveries({
    clock,
    log: noLog,
    limits: { calls: { entries: 64, entriesPerSender: 64 }, inbox: { entries: 64, entriesPerSender: 64 } },
    holdings,
    broker: () => ({
      isReady: () => true,
      deliver: (_unit, { payload }) => delivered.push(Buffer.from(payload).toString()),
      cutOff: () => undefined,
    }),
    unitOf: () => ben,
    read: async (key) => {
      await sleep(key === "1" ? 40 : 1);
      return Buffer.from(key);
    },
    settled: () => undefined,
  });
  for (const key of ["1", "2", "3"]) {
    deliveries.route({ key, sender: ana.account, to: ben.account, class: "calls", expiresMs: 2_000_000, bytes: 1 });
  }
  await expect.poll(() => delivered).toEqual(["1", "2", "3"]);
});

test("an envelope that cannot be handed on is given up, and those behind it arrive", async () => {
  const delivered: string[] = [];
  const settled: string[] = [];
  using deliveries = new Deliveries({
    clock: new FakeClock(1_000_000),
    log: noLog,
    limits: { calls: { entries: 64, entriesPerSender: 64 }, inbox: { entries: 64, entriesPerSender: 64 } },
    holdings,
    broker: () => ({
      isReady: () => true,
      deliver: (_unit, { payload }) => {
        if (payload.length === 0) throw new Error("no");
        delivered.push(Buffer.from(payload).toString());
      },
      cutOff: () => undefined,
    }),
    unitOf: () => ben,
    read: async (key) => Buffer.from(key === "1" ? "" : key),
    settled: (key) => settled.push(key),
  });
  for (const key of ["1", "2"]) {
    deliveries.route({ key, sender: ana.account, to: ben.account, class: "calls", expiresMs: 2_000_000, bytes: 1 });
  }
  await expect.poll(() => delivered).toEqual(["2"]);
  expect(settled).toEqual(["1"]);
});

function deliveriesWith(ready: Set<string>, inbox = { entries: 20, entriesPerSender: 10 }) {
  const clock = new FakeClock();
  const delivered: { number: number; key: string }[] = [];
  const settled: string[] = [];
  const cut: string[] = [];
  const deliveries = new Deliveries({
    clock,
    log: noLog,
    limits: { calls: { entries: 20, entriesPerSender: 10 }, inbox },
    holdings: new Holdings({ bytes: 1_000, bytesPerSender: 100 }),
    broker: () => ({
      isReady: ({ account }) => ready.has(account),
      deliver: (_unit, { number, payload }) => delivered.push({ number, key: Buffer.from(payload).toString() }),
      cutOff: ({ account }) => cut.push(account),
    }),
    unitOf: (account) => [ben, cem].find((unit) => unit.account === account),
    read: async (key) => Buffer.from(key),
    settled: (key) => settled.push(key),
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const entry = (key: string, fields: Partial<Entry> = {}): Entry => ({
    key,
    sender: ana.account,
    to: ben.account,
    class: "calls",
    expiresMs: clock.nowMs() + 60_000,
    bytes: 1,
    ...fields,
  });
  return {
    clock,
    deliveries,
    delivered,
    settled,
    cut,
    settle,
    entry,
    [Symbol.dispose]: () => deliveries[Symbol.dispose](),
  };
}

test("an entry leaves the spool when the unit acknowledged it, and not before", async () => {
  using hub = deliveriesWith(new Set([ben.account]));
  hub.deliveries.route(hub.entry("one"));
  await hub.settle();
  expect(hub.delivered.map(({ key }) => key)).toEqual(["one"]);
  expect(hub.settled).toEqual([]);
  hub.deliveries.acknowledged(hub.delivered[0]?.number ?? 0);
  hub.deliveries.acknowledged(999);
  expect(hub.settled).toEqual(["one"]);
});

test("unknown addressees, another unit of the account, and what is out of time are discarded at once", () => {
  using hub = deliveriesWith(new Set());
  hub.deliveries.route(hub.entry("unknown", { to: NOBODY }));
  hub.deliveries.route(hub.entry("other unit", { unit: cem.unit }));
  hub.deliveries.route(hub.entry("late", { expiresMs: hub.clock.nowMs() }));
  expect(hub.settled).toEqual(["unknown", "other unit", "late"]);
});

test("what a sender has too much of is discarded when it is routed, and there is room again once it was fetched", async () => {
  const ready = new Set<string>();
  using hub = deliveriesWith(ready);
  for (const key of ["one", "two"]) hub.deliveries.route(hub.entry(key, { bytes: 60 }));
  expect(hub.settled).toEqual(["two"]);
  ready.add(ben.account);
  hub.deliveries.ready(ben);
  await hub.settle();
  hub.deliveries.acknowledged(hub.delivered[0]?.number ?? 0);
  hub.deliveries.route(hub.entry("three", { bytes: 60 }));
  await hub.settle();
  expect(hub.delivered.map(({ key }) => key)).toEqual(["one", "three"]);
});

test("calls older than 60 s are not delivered to a unit that comes back", async () => {
  const ready = new Set<string>();
  using hub = deliveriesWith(ready);
  hub.deliveries.route(hub.entry("call"));
  hub.deliveries.route(hub.entry("message", { class: "inbox", expiresMs: hub.clock.nowMs() + 3_600_000 }));
  hub.clock.advance(60_000);
  ready.add(ben.account);
  hub.deliveries.ready(ben);
  await hub.settle();
  expect(hub.delivered.map(({ key }) => key)).toEqual(["message"]);
  expect(hub.settled).toEqual(["call"]);
});

test("what a lost connection had not acknowledged is delivered again, in order", async () => {
  const ready = new Set([ben.account]);
  using hub = deliveriesWith(ready);
  for (const key of ["one", "two", "three"]) hub.deliveries.route(hub.entry(key));
  await hub.settle();
  hub.deliveries.acknowledged(hub.delivered[0]?.number ?? 0);
  ready.delete(ben.account);
  hub.deliveries.gone(ben);
  hub.delivered.length = 0;
  ready.add(ben.account);
  hub.deliveries.ready(ben);
  await hub.settle();
  expect(hub.delivered.map(({ key }) => key)).toEqual(["two", "three"]);
});

const message = { class: "inbox" as const, expiresMs: Number.MAX_SAFE_INTEGER };

test("a message leaves the spool when its unit has settled it, and not when it was acknowledged", async () => {
  using hub = deliveriesWith(new Set([ben.account]));
  hub.deliveries.route(hub.entry("one", { ...message, digest: "11" }));
  await hub.settle();
  hub.deliveries.release(ben, ["11"]);
  expect(hub.settled).toEqual([]);
  hub.deliveries.acknowledged(hub.delivered[0]?.number ?? 0);
  hub.deliveries.release(cem, ["11"]);
  hub.deliveries.release(ben, ["22"]);
  expect(hub.settled).toEqual([]);
  hub.deliveries.release(ben, ["11"]);
  expect(hub.settled).toEqual(["one"]);
});

test("what was acknowledged and not settled is delivered again after a reconnection, and after a minute", async () => {
  const ready = new Set([ben.account]);
  using hub = deliveriesWith(ready);
  for (const key of ["one", "two", "three"]) hub.deliveries.route(hub.entry(key, { ...message, digest: key }));
  await hub.settle();
  for (const { number } of hub.delivered.slice(0, 2)) hub.deliveries.acknowledged(number);
  hub.deliveries.gone(ben);
  hub.delivered.length = 0;
  hub.deliveries.ready(ben);
  await hub.settle();
  expect(hub.delivered.map(({ key }) => key)).toEqual(["one", "two", "three"]);
  for (const { number } of hub.delivered) hub.deliveries.acknowledged(number);
  hub.deliveries.release(ben, ["two"]);
  hub.delivered.length = 0;
  hub.clock.advance(59_000);
  await hub.settle();
  expect(hub.delivered).toEqual([]);
  hub.clock.advance(1_500);
  await hub.settle();
  expect(hub.delivered.map(({ key }) => key)).toEqual(["one", "three"]);
});

test("a unit that settles nothing gets so many messages and no more, but every call", async () => {
  using hub = deliveriesWith(new Set([ben.account]), { entries: 100, entriesPerSender: 100 });
  for (let index = 0; index < 40; index += 1)
    hub.deliveries.route(hub.entry(`${index}`, { ...message, digest: `${index}` }));
  for (let turn = 0; turn < 10; turn += 1) {
    await hub.settle();
    for (const { number } of hub.delivered) hub.deliveries.acknowledged(number);
  }
  expect(hub.delivered).toHaveLength(32);
  hub.deliveries.route(hub.entry("call"));
  await hub.settle();
  expect(hub.delivered.at(-1)?.key).toBe("call");
  hub.deliveries.release(ben, ["0", "1", "2"]);
  await hub.settle();
  expect(hub.delivered).toHaveLength(36);
});

test("the same message again is not kept twice while the first waits", () => {
  using hub = deliveriesWith(new Set());
  for (const key of ["one", "again"]) hub.deliveries.route(hub.entry(key, { ...message, digest: "11" }));
  expect(hub.settled).toEqual(["again"]);
});

test("a unit that acknowledges nothing is cut off within 5 s, one that does is not, and neither waits for the other", async () => {
  using hub = deliveriesWith(new Set([ben.account, cem.account]));
  for (let index = 0; index < 9; index += 1) hub.deliveries.route(hub.entry(`ben ${index}`));
  await hub.settle();
  expect(hub.delivered).toHaveLength(8);
  for (let second = 0; second < 5; second += 1) {
    hub.deliveries.route(hub.entry(`cem ${second}`, { to: cem.account }));
    await hub.settle();
    hub.deliveries.acknowledged(hub.delivered.at(-1)?.number ?? 0);
    hub.clock.advance(second === 4 ? 499 : 1_000);
    if (second < 3) expect(hub.cut).toEqual([]);
  }
  expect(hub.settled).toHaveLength(5);
  expect(new Set(hub.cut)).toEqual(new Set([ben.account]));
});

test("what is for somebody absent or unknown is read from the disk like what is delivered: the hub is no less busy", async () => {
  const read: string[] = [];
  using deliveries = new Deliveries({
    clock: new FakeClock(1_000_000),
    log: noLog,
    limits: { calls: { entries: 64, entriesPerSender: 1 }, inbox: { entries: 64, entriesPerSender: 1 } },
    holdings,
    broker: () => ({
      isReady: ({ account }) => account === ben.account,
      deliver: () => undefined,
      cutOff: () => undefined,
    }),
    unitOf: (account) => [ben, cem].find((unit) => unit.account === account),
    read: async (key) => {
      read.push(key);
      return Buffer.from(key);
    },
    settled: () => undefined,
  });
  const route = (key: string, to: string) =>
    deliveries.route({ key, sender: ana.account, to, class: "calls", expiresMs: 2_000_000, bytes: 1 });
  route("connected", ben.account);
  route("absent", cem.account);
  route("beyond what may wait", cem.account);
  route("unknown", "nobody");
  await expect.poll(() => read.toSorted()).toEqual(["absent", "beyond what may wait", "connected", "unknown"]);
});
