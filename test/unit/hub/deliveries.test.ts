import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { Deliveries } from "#hub/deliveries.ts";
import { Holdings } from "#hub/holdings.ts";
import { FakeClock } from "../../house/fake-clock.ts";
import { fixedUnit } from "../../house/fixed-keys.ts";

const ana = fixedUnit("ana").certificate;
const ben = fixedUnit("ben").certificate;
const holdings = new Holdings({ bytes: 1_000, bytesPerSender: 1_000 });

test("a disk that reads one envelope slowly lets no other overtake it: an end never comes before its offer", async () => {
  const clock = new FakeClock(1_000_000);
  const delivered: string[] = [];
  using deliveries = new Deliveries({
    clock,
    log: noLog,
    limits: { entries: 64, entriesPerSender: 64 },
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
    limits: { entries: 64, entriesPerSender: 64 },
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

test("what is for somebody absent or unknown is read from the disk like what is delivered: the hub is no less busy", async () => {
  const cem = fixedUnit("cem").certificate;
  const read: string[] = [];
  using deliveries = new Deliveries({
    clock: new FakeClock(1_000_000),
    log: noLog,
    limits: { entries: 64, entriesPerSender: 1 },
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
