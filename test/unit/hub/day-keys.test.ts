import { expect, test } from "vitest";
import { SignedKey } from "#device/keys/day-keys.ts";
import { encodeCbor, parseCbor } from "#device/wire/cbor.ts";
import { Accounts } from "#hub/accounts.ts";
import { DayKeys } from "#hub/day-keys.ts";
import { Store } from "#hub/store.ts";
import { FixedBatch, fixedBatch, NOW_MS, TODAY } from "../../house/day-keys.ts";
import { FakeClock } from "../../house/fake-clock.ts";
import { type FixedUnit, fixedUnit } from "../../house/fixed-keys.ts";
import { makeTempFolder } from "../../house/temp-folder.ts";

const DAY_MS = 86_400_000;
const ben = fixedUnit("ben");
const mallory = fixedUnit("mallory");
const BEN = ben.certificate.account;
const batch = await fixedBatch(ben);
const FALLBACK = 12;

/** A hub's day keys on a disk, which can be started again. */
async function hubWith(...units: FixedUnit[]) {
  const folder = await makeTempFolder();
  const clock = new FakeClock(NOW_MS);
  let store = await Store.open(folder.path);
  let accounts = await Accounts.load(store);
  for (const { certificate, sealer } of units) await accounts.publish(certificate, sealer.certificate);
  const hub = {
    clock,
    dayKeys: new DayKeys({ store, accounts, clock }),
    publish: ({ certificate, sealer }: FixedUnit) => accounts.publish(certificate, sealer.certificate),
    async restart() {
      await store[Symbol.asyncDispose]();
      store = await Store.open(folder.path);
      accounts = await Accounts.load(store);
      hub.dayKeys = new DayKeys({ store, accounts, clock });
    },
    /** Which of a batch's keys this requester gets; null for none. */
    async ask(requester: string, from: FixedBatch = batch): Promise<number | null> {
      const { key } = await hub.dayKeys.next(BEN, requester);
      const signed = key && parseCbor(SignedKey, key);
      return signed ? from.signed.findIndex(({ id }) => Buffer.compare(id, signed.id) === 0) : null;
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
  return hub;
}

test("a requester gets two one-time keys of an account a day, then the fallback", async () => {
  await using hub = await hubWith(ben);
  expect(await hub.ask("ana")).toBeNull();
  expect(await hub.dayKeys.take(ben.certificate, TODAY, batch.made.bytes)).toBe("taken");
  const got = [await hub.ask("ana"), await hub.ask("ana"), await hub.ask("ana"), await hub.ask("ana")];
  expect(got).toEqual([0, 1, FALLBACK, FALLBACK]);
  expect(await hub.ask("carol")).toBe(2);
});

test("no one-time key goes to two, however many ask at once and however often the hub starts again", async () => {
  await using hub = await hubWith(ben);
  await hub.dayKeys.take(ben.certificate, TODAY, batch.made.bytes);
  const given: (number | null)[] = await Promise.all(["a", "b", "c", "a"].map((who) => hub.ask(who)));
  for (let start = 0; start < 4; start += 1) {
    await hub.restart();
    given.push(await hub.ask("d"), await hub.ask(`e${start}`));
  }
  const once = given.filter((index) => index !== FALLBACK);
  expect(once).toHaveLength(10); // of "d" only two
  expect(new Set(once).size).toBe(once.length);
});

test("who drains an account with many of their own leaves others the fallback, and tomorrow's keys", async () => {
  await using hub = await hubWith(ben);
  const tomorrow = await fixedBatch(ben, TODAY + 1);
  await hub.dayKeys.take(ben.certificate, TODAY, batch.made.bytes);
  await hub.dayKeys.take(ben.certificate, TODAY + 1, tomorrow.made.bytes);
  for (let own = 0; own < 20; own += 1) await hub.ask(`mallory ${own % 7}`);
  expect(await hub.ask("ana")).toBe(FALLBACK);
  hub.clock.advance(DAY_MS);
  expect(await hub.ask("ana", tomorrow)).toBe(0);
});

test("bringing the same batch again gives no key a second time; another batch takes its place", async () => {
  await using hub = await hubWith(ben);
  await hub.dayKeys.take(ben.certificate, TODAY, batch.made.bytes);
  await hub.ask("ana");
  expect(await hub.dayKeys.take(ben.certificate, TODAY, batch.made.bytes)).toBe("taken");
  expect(await hub.ask("carol")).toBe(1);
  const { made, signed } = batch;
  const other = new FixedBatch({ ...made, bytes: encodeCbor({ v: 1, keys: swapped(signed) }) }, ben);
  expect(await hub.dayKeys.take(ben.certificate, TODAY, other.made.bytes)).toBe("taken");
  expect(await hub.ask("dave", other)).toBe(0);
});

test("a hub's clock that runs ahead and comes back gives nothing twice", async () => {
  await using hub = await hubWith(ben);
  await hub.dayKeys.take(ben.certificate, TODAY, batch.made.bytes);
  expect(await hub.ask("ana")).toBe(0);
  hub.clock.advance(40 * DAY_MS);
  expect(await hub.ask("ana")).toBeNull();
  hub.clock.set(NOW_MS);
  await hub.dayKeys.take(ben.certificate, TODAY, batch.made.bytes);
  expect(await hub.ask("carol")).toBe(1);
});

test("only keys of a day to come, signed for it by the unit that brings them, are taken", async () => {
  await using hub = await hubWith(ben, mallory);
  const { dayKeys } = hub;
  const { bytes } = batch.made;
  expect(await dayKeys.take(ben.certificate, TODAY + 1, bytes)).toBe("not a batch");
  expect(await dayKeys.take(mallory.certificate, TODAY, bytes)).toBe("not a batch");
  for (const days of [-2, 92, 4_000]) {
    const wrong = await fixedBatch(ben, TODAY + days);
    expect(await dayKeys.take(ben.certificate, TODAY + days, wrong.made.bytes), `${days}`).toBe("wrong day");
  }
  expect(await dayKeys.take(ben.certificate, Number.NaN, bytes)).toBe("wrong day");
  const tampered = new Uint8Array(bytes);
  tampered[9_000] = (tampered[9_000] ?? 0) ^ 1;
  for (const bad of [tampered, new Uint8Array(), bytes.subarray(1), new Uint8Array(20_000).fill(0x81)]) {
    expect(await dayKeys.take(ben.certificate, TODAY, bad)).toBe("not a batch");
  }
  expect(await hub.ask("ana")).toBeNull();
  expect(await dayKeys.held(ben.certificate)).toEqual([]);
});

test("keys of a unit that was replaced are given to nobody, and are not said to be held", async () => {
  await using hub = await hubWith(ben);
  await hub.dayKeys.take(ben.certificate, TODAY, batch.made.bytes);
  expect(await hub.dayKeys.held(ben.certificate)).toHaveLength(1);
  const next = fixedUnit("ben", { seq: 2, unitName: "ben's new unit" });
  await hub.publish(next);
  expect(await hub.ask("ana")).toBeNull();
  expect(await hub.dayKeys.held(next.certificate)).toEqual([]);
  const own = await fixedBatch(next);
  await hub.dayKeys.take(next.certificate, TODAY, own.made.bytes);
  expect(await hub.ask("ana", own)).toBe(0);
});

test("what is over is thrown out, what is to come is kept", async () => {
  await using hub = await hubWith(ben);
  for (const day of [TODAY, TODAY + 10]) {
    await hub.dayKeys.take(ben.certificate, day, (await fixedBatch(ben, day)).made.bytes);
  }
  hub.clock.advance(10 * DAY_MS);
  await hub.ask("ana");
  hub.clock.set(NOW_MS);
  expect((await hub.dayKeys.held(ben.certificate)).map(({ day }) => day)).toEqual([TODAY + 10]);
});

function swapped([first, second, ...rest]: readonly SignedKey[]): (SignedKey | undefined)[] {
  return [second, first, ...rest];
}
