import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { systemClock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import type { Event } from "#device/events.ts";
import type { Delivery } from "#device/link/link.ts";
import { receiver, type StrangersTurn } from "#device/receive.ts";
import { openReplayStore } from "#device/store/replay.ts";
import { seal } from "#device/wire/envelope.ts";
import { PART_BYTES } from "#device/wire/messages.ts";
import { sealMessage, voiceMessage } from "#device/wire/parcel.ts";
import { type FixedBatch, fixedBatch, NOW_MS } from "#test/house/day-keys.ts";
import { type FixedUnit, fixedUnit } from "#test/house/fixed-keys.ts";
import { makeDbFolder } from "./store/fixtures.ts";

const ben = fixedUnit("ben");
/** In Ben's book. */
const ana = fixedUnit("ana");
const cem = fixedUnit("cem");
const mallory = fixedUnit("mallory");
const SIDE = { sdp: "v=0\r\n", fingerprint: Array.from({ length: 32 }, () => "AA").join(":") };
const FALLBACK = 12;

/** What lies between the hub and the gate of Ben's unit; Mallory is blocked there. */
async function doorstep(strangersTurn: StrangersTurn = { fromMs: 0 }) {
  const place = await makeDbFolder();
  const batch = await fixedBatch(ben);
  const clock = { ...systemClock, nowMs: () => NOW_MS };
  const events: Event[] = [];
  const settled: [receipt: number, became: string][] = [];
  let opened = 0;
  const settle = (receipt: number, became: string) => settled.push([receipt, became]);
  const receive = receiver({
    keystore: ben,
    replay: openReplayStore({ db: place.open(), clock, log: noLog }),
    clock,
    log: noLog,
    isKnown: (account) => account === ana.sealer.account,
    mail: {
      secretOf: (keyId) => {
        opened += 1;
        return batch.secretOf(keyId);
      },
      turnedAway: (account) => (account === mallory.sealer.account ? "blocked" : null),
    },
    strangersTurn,
    settle,
    dispatch: (event) => {
      events.push(event);
      if ((event.type === "message-part" || event.type === "message-turned-away") && event.receipt !== null) {
        settle(event.receipt, "settled");
      }
    },
  });
  let receipts = 0;
  const take = (from: FixedUnit, bytes: Uint8Array, what: Delivery["class"] = "inbox") => {
    const common = { sender: from.sealer.account, class: what, bytes };
    receive(what === "inbox" ? { ...common, receipt: ++receipts } : common);
  };
  return {
    batch,
    events,
    settled,
    take,
    opened: () => opened,
    types: () => events.map(({ type }) => type),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

async function leave(
  from: FixedUnit,
  batch: FixedBatch,
  sound: Uint8Array | null = null,
): Promise<readonly Uint8Array[]> {
  const message = sound ? voiceMessage(sound, 1_000) : ({ kind: "message.text", body: { text: "hello" } } as const);
  const key = batch.key(FALLBACK);
  return (await sealMessage({ sender: from.sealer, key, message, sound, nowMs: NOW_MS })).parcels;
}

async function call(from: FixedUnit): Promise<Uint8Array> {
  const message = { kind: "call.offer" as const, body: SIDE };
  return (await seal({ sender: from.sealer, to: ben.certificate, message, nowMs: NOW_MS })).bytes;
}

test("every parcel is settled, whatever it is: opened, garbage, too long, of another sender, or turned away", async () => {
  await using unit = await doorstep();
  const [good = new Uint8Array()] = await leave(ana, unit.batch);
  unit.take(ana, good);
  unit.take(ana, new Uint8Array(randomBytes(2_000)));
  unit.take(ana, new Uint8Array(300 * 1_024));
  unit.take(cem, good);
  unit.take(ana, await call(ana));
  unit.take(mallory, (await leave(mallory, unit.batch))[0] ?? new Uint8Array());
  await expect.poll(() => unit.settled.length).toBe(6);
  expect(new Set(unit.settled.map(([, became]) => became))).toEqual(new Set(["settled"]));
  expect(unit.types().toSorted()).toEqual(["message-part", "message-turned-away"]);
});

test("nothing is opened of whom the gate would drop", async () => {
  await using unit = await doorstep();
  for (let count = 0; count < 3; count += 1)
    unit.take(mallory, (await leave(mallory, unit.batch))[0] ?? new Uint8Array());
  await expect.poll(() => unit.settled.length).toBe(3);
  expect([unit.opened(), unit.types()]).toEqual([0, Array.from({ length: 3 }, () => "message-turned-away")]);
});

test("a call waits for no more than the one parcel that is open, however many came before it", async () => {
  await using unit = await doorstep();
  const parts = await leave(ana, unit.batch, new Uint8Array(randomBytes(PART_BYTES)));
  const offer = await call(mallory);
  for (let count = 0; count < 20; count += 1) unit.take(ana, parts[0] ?? new Uint8Array());
  unit.take(mallory, offer, "calls");
  await expect.poll(() => unit.types(), { timeout: 10_000 }).toContain("envelope");
  expect(unit.types().indexOf("envelope")).toBeLessThanOrEqual(1);
});

test("a call that comes while parcels are opened is next", async () => {
  await using unit = await doorstep();
  const parts = await leave(ana, unit.batch, new Uint8Array(randomBytes(PART_BYTES)));
  const offer = await call(ana);
  for (let count = 0; count < 20; count += 1) unit.take(ana, parts[0] ?? new Uint8Array());
  await expect.poll(() => unit.types().length, { interval: 1 }).toBeGreaterThan(2);
  const before = unit.types().length;
  unit.take(ana, offer, "calls");
  await expect.poll(() => unit.types(), { timeout: 10_000 }).toContain("envelope");
  expect(unit.types().indexOf("envelope") - before).toBeLessThanOrEqual(1);
});

test("people's messages go before strangers', who are opened ten times a second at most", {
  timeout: 30_000,
}, async () => {
  await using unit = await doorstep();
  const [stranger = new Uint8Array()] = await leave(cem, unit.batch);
  const [friend = new Uint8Array()] = await leave(ana, unit.batch);
  for (let count = 0; count < 12; count += 1) unit.take(cem, stranger);
  for (let count = 0; count < 10; count += 1) unit.take(ana, friend);
  const startedMs = performance.now();
  await expect.poll(() => unit.events.length, { timeout: 20_000 }).toBe(22);
  expect(performance.now() - startedMs).toBeGreaterThan(1_000);
  const senders = unit.events.map((event) => (event.type === "message-part" ? event.parcel.envelope.from : ""));
  expect(senders.slice(1, 11)).toEqual(Array.from({ length: 10 }, () => ana.sealer.account));
});

test("strangers who write to two owners of a unit share its ten a second, and each owner gets some", async () => {
  const turn = { fromMs: 0 };
  await using first = await doorstep(turn);
  await using second = await doorstep(turn);
  const [stranger = new Uint8Array()] = await leave(cem, first.batch);
  const startedMs = performance.now();
  for (let count = 0; count < 8; count += 1) {
    first.take(cem, stranger);
    second.take(cem, stranger);
  }
  const opened = () => first.events.length + second.events.length;
  await expect.poll(opened, { timeout: 10_000 }).toBeGreaterThanOrEqual(8);
  expect(opened() / ((performance.now() - startedMs) / 1_000)).toBeLessThan(13);
  expect(Math.min(first.events.length, second.events.length)).toBeGreaterThanOrEqual(2);
});

test("what finds no room to wait is left for the hub to bring again, and nobody's flood costs another their place", async () => {
  await using unit = await doorstep();
  const [stranger = new Uint8Array()] = await leave(cem, unit.batch);
  const [friend = new Uint8Array()] = await leave(ana, unit.batch);
  for (let count = 0; count < 1_000; count += 1) unit.take(cem, stranger);
  unit.take(ana, friend);
  await expect.poll(() => unit.settled.some(([receipt]) => receipt === 1_001)).toBe(true);
  expect(unit.settled.find(([receipt]) => receipt === 1_001)?.[1]).toBe("settled");
  expect(unit.settled.filter(([, became]) => became === "left").length).toBeGreaterThan(900);
});
