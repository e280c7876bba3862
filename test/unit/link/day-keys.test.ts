import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import type { SignedKey } from "#device/keys/day-keys.ts";
import { makeBatch } from "#device/keys/make-day-keys.ts";
import { DayKeyClient, DayKeyUpload } from "#device/link/day-keys.ts";
import { openDayKeyStore } from "#device/store/day-keys.ts";
import { FixedBatch, fixedBatch, NOW_MS, signerOf, TODAY } from "../../house/day-keys.ts";
import { FakeClock } from "../../house/fake-clock.ts";
import { fixedUnit } from "../../house/fixed-keys.ts";
import { makeDbFolder } from "../store/fixtures.ts";

const DAY_MS = 86_400_000;
const ben = fixedUnit("ben");
const mallory = fixedUnit("mallory");
const BEN = ben.certificate.account;

type HubAnswer = { day: number; key: SignedKey | null } | "bad-answer" | null;

/** Ana, who asks for a key of Ben's, and a hub that answers what the test wants. */
function asking(answers: HubAnswer[], clock = new FakeClock(NOW_MS)) {
  return new DayKeyClient({
    directory: { dayKeyOf: async () => answers.shift() ?? null },
    certificateOf: async () => ({ ok: true, certificate: ben.certificate }),
    clock,
  });
}

const batch = await fixedBatch(ben);
const at = (from: FixedBatch, index: number) => from.signed[index] ?? null;

test("a key that the addressee's unit signed for today counts", async () => {
  const ana = asking([{ day: TODAY, key: at(batch, 0) }]);
  expect(await ana.dayKeyOf(BEN)).toEqual({ ok: true, key: batch.key(0) });
});

test("a hub that withholds is told from one that cannot be reached", async () => {
  const ana = asking([{ day: TODAY, key: null }, null]);
  expect(await ana.dayKeyOf(BEN)).toEqual({ ok: false, reason: "none" });
  expect(await ana.dayKeyOf(BEN)).toEqual({ ok: false, reason: "unreachable" });
});

test("a hub cannot swap in a key of another account, unit, day or kind", async () => {
  const first = at(batch, 0);
  if (!first) throw new Error("no key");
  const [past, future] = [await fixedBatch(ben, TODAY - 7), await fixedBatch(ben, TODAY + 7)];
  const sameAccount = fixedUnit("ben", { unitName: "ben's old unit" });
  const lies: [string, HubAnswer][] = [
    ["another account's", { day: TODAY, key: at(await fixedBatch(mallory), 0) }],
    ["another unit's", { day: TODAY, key: at(await fixedBatch(sameAccount), 0) }],
    ["a past day's as today's", { day: TODAY, key: at(past, 0) }],
    ["a future day's as today's", { day: TODAY, key: at(future, 0) }],
    ["a past day's", { day: TODAY - 7, key: at(past, 0) }],
    ["a future day's", { day: TODAY + 7, key: at(future, 0) }],
    ["a fallback as a one-time key", { day: TODAY, key: { ...(at(batch, 12) ?? first), kind: "one-time" } }],
    ["unsigned", { day: TODAY, key: { ...first, sig: new Uint8Array(64) } }],
    ["all zero", { day: TODAY, key: { ...first, key: new Uint8Array(1_216) } }],
    ["no answer of ours", "bad-answer"],
  ];
  for (const [what, lie] of lies) {
    expect(await asking([lie]).dayKeyOf(BEN), what).toEqual({ ok: false, reason: "bad-answer" });
  }
});

test("a one-time key that a hub gives twice is refused, the fallback serves again", async () => {
  const [once, fallback] = [
    { day: TODAY, key: at(batch, 0) },
    { day: TODAY, key: at(batch, 12) },
  ];
  const ana = asking([once, once, fallback, fallback]);
  expect(await ana.dayKeyOf(BEN)).toMatchObject({ ok: true });
  expect(await ana.dayKeyOf(BEN)).toEqual({ ok: false, reason: "bad-answer" });
  expect(await ana.dayKeyOf(BEN)).toMatchObject({ ok: true });
  expect(await ana.dayKeyOf(BEN)).toMatchObject({ ok: true });
});

test("clocks a day apart agree about a key, clocks a week apart do not", async () => {
  const answer = () => [{ day: TODAY, key: at(batch, 0) }];
  for (const days of [-1, 0, 1]) {
    expect(await asking(answer(), new FakeClock(NOW_MS + days * DAY_MS)).dayKeyOf(BEN)).toMatchObject({ ok: true });
  }
  for (const days of [-7, 7]) {
    expect(await asking(answer(), new FakeClock(NOW_MS + days * DAY_MS)).dayKeyOf(BEN)).toMatchObject({ ok: false });
  }
});

test("an addressee whose certificate cannot be had has no key", async () => {
  for (const [reason, expected] of [
    ["unknown", "none"],
    ["unreachable", "unreachable"],
    ["revoked", "bad-answer"],
    ["bad-answer", "bad-answer"],
  ] as const) {
    const directory = { dayKeyOf: () => Promise.reject(new Error("asked for nothing")) };
    const certificateOf = async () => ({ ok: false, reason }) as const;
    const client = new DayKeyClient({ directory, certificateOf, clock: new FakeClock() });
    expect(await client.dayKeyOf(BEN)).toEqual({ ok: false, reason: expected });
  }
});

/** A unit that uploads to a hub which keeps what it gets, and tells when it got what. */
async function uploading({ days = 90, spendAll = false } = {}) {
  const place = await makeDbFolder();
  const clock = new FakeClock(NOW_MS);
  const store = openDayKeyStore(place.open(), BEN);
  const held = new Map<number, string>();
  const seen: string[] = [];
  const hub = { reachable: true, today: () => Math.floor(clock.nowMs() / DAY_MS), refuses: -1 };
  let asked = 0;
  const directory = {
    heldDayKeys: async () => {
      asked += 1;
      seen.push(`${clock.nowMs()} asked`);
      if (!hub.reachable) return null;
      return { today: hub.today(), held: [...held].map(([day, hash]) => ({ day, hash })) };
    },
    putDayKeys: async (day: number, bytes: Uint8Array) => {
      seen.push(`${clock.nowMs()} ${day} ${createHash("sha256").update(bytes).digest("hex")}`);
      if (day === hub.refuses) return false;
      held.set(day, store.batchOf(day)?.hash ?? "");
      if (spendAll) for (const { id } of (await batchFor(day)).made.secrets) store.spend(id);
      return true;
    },
  };
  const make: typeof makeBatch = async (_signer, day) => (await batchFor(day)).made;
  const upload = new DayKeyUpload({ directory, signer: signerOf(ben), store, clock, log: noLog, make });
  const settle = async () => {
    for (let turn = 0; turn < 1_500; turn += 1) await Promise.resolve();
  };
  /** Lets time pass by days, and what is under way come to its end. */
  const pass = async (count: number) => {
    for (let day = 0; day < count; day += 1) {
      clock.advance(DAY_MS);
      await settle();
    }
  };
  clock.advance(0);
  await settle();
  await pass(days);
  return {
    clock,
    store,
    hub,
    held,
    seen,
    pass,
    settle,
    upload,
    asked: () => asked,
    async [Symbol.asyncDispose]() {
      upload[Symbol.dispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** Not real keys (they take their time), but as many, and as good for a store. */
const made = new Map<number, FixedBatch>();
async function batchFor(day: number): Promise<FixedBatch> {
  const kept = made.get(day);
  if (kept) return kept;
  const secrets = batch.made.secrets.map((secret, index) => ({
    ...secret,
    id: `${day.toString(16).padStart(30, "0")}${index.toString(16).padStart(2, "0")}`,
  }));
  const bytes = new Uint8Array(batch.made.bytes);
  bytes[bytes.length - 1] = day & 0xff;
  const fresh = new FixedBatch({ day, bytes, secrets }, ben);
  made.set(day, fresh);
  return fresh;
}

test("the hub has keys for today and the 90 days to come, and seven more each week", async () => {
  await using unit = await uploading({ days: 0 });
  expect([...unit.held.keys()]).toEqual(Array.from({ length: 91 }, (_, index) => TODAY + index));
  await unit.pass(6);
  expect(unit.held.size).toBe(91);
  await unit.pass(1);
  expect(unit.held.size).toBe(98);
});

test("when a unit uploads, and what, is the same whether all of its keys were used or none", {
  timeout: 30_000,
}, async () => {
  await using idle = await uploading({ days: 15 });
  await using busy = await uploading({ days: 15, spendAll: true });
  expect(idle.seen.length).toBeGreaterThan(91 + 2 * 7);
  expect(busy.seen).toEqual(idle.seen);
  expect(busy.store.secretOf((await batchFor(TODAY + 3)).made.secrets[0]?.id ?? "")).toBeNull(); // they were used
});

test("a hub that was away, or took half, gets the same bytes again", async () => {
  await using unit = await uploading({ days: 0 });
  unit.hub.refuses = TODAY + 94;
  await unit.pass(7);
  expect(unit.held.has(TODAY + 93)).toBe(true);
  expect(unit.held.has(TODAY + 95)).toBe(false);
  unit.hub.refuses = -1;
  unit.clock.advance(600_000);
  await unit.settle();
  expect(unit.held.size).toBe(98);
  const puts = unit.seen.filter((line) => line.includes(` ${TODAY + 94} `)).map((line) => line.split(" ")[2]);
  expect(puts.length).toBeGreaterThan(1);
  expect(new Set(puts).size).toBe(1);
});

test("a hub that lost everything has it again within a week, and no key is made anew", async () => {
  await using unit = await uploading({ days: 0 });
  const before = new Map(unit.held);
  unit.held.clear();
  await unit.pass(7);
  for (let day = TODAY + 7; day <= TODAY + 90; day += 1) expect(unit.held.get(day)).toBe(before.get(day));
});

test("while hub and unit disagree about the day, nothing is made and nothing is uploaded", async () => {
  await using unit = await uploading({ days: 0 });
  const today = unit.hub.today;
  unit.hub.today = () => TODAY + 400;
  const { length } = unit.seen.filter((line) => !line.endsWith("asked"));
  await unit.pass(10);
  expect(unit.seen.filter((line) => !line.endsWith("asked"))).toHaveLength(length);
  expect(unit.store.batchOf(TODAY + 97)).toBeNull();
  unit.hub.today = today;
  unit.clock.advance(600_000);
  await unit.settle();
  expect(unit.held.has(TODAY + 100)).toBe(true);
});

test("a clock that jumps ahead costs no key of what is on its way; one that is right forgets in time", async () => {
  await using unit = await uploading({ days: 0 });
  const [secret] = (await batchFor(TODAY)).made.secrets;
  const id = secret?.id ?? "";
  unit.hub.reachable = false;
  unit.clock.set(NOW_MS + 45 * DAY_MS);
  unit.clock.advance(DAY_MS);
  await unit.settle();
  expect(unit.store.secretOf(id)).not.toBeNull();
  unit.clock.set(NOW_MS + DAY_MS);
  unit.hub.reachable = true;
  await unit.pass(30);
  expect(unit.store.secretOf(id)).not.toBeNull();
  await unit.pass(2);
  expect(unit.store.secretOf(id)).toBeNull();
});

test("a hub that is gone is asked at growing intervals, ten minutes at most", async () => {
  await using unit = await uploading({ days: 0 });
  unit.hub.reachable = false;
  await unit.pass(7);
  const before = unit.asked();
  for (let second = 0; second < 3_600; second += 10) {
    unit.clock.advance(10_000);
    await unit.settle();
  }
  expect(unit.asked() - before).toBeGreaterThan(5);
  expect(unit.asked() - before).toBeLessThan(20);
});

test("a day's keys are made in pieces: whatever else there is to do gets its turn", async () => {
  let turns = 0;
  let going = true;
  const count = () => {
    turns += 1;
    if (going) setImmediate(count);
  };
  setImmediate(count);
  await makeBatch(signerOf(ben), TODAY);
  going = false;
  expect(turns).toBeGreaterThanOrEqual(12);
});
