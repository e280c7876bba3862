import { expect, test } from "vitest";
import { openDayKeyStore } from "#device/store/day-keys.ts";
import type { Db } from "#device/store/db.ts";
import { fixedBatch, NOW_MS, TODAY } from "#test/house/day-keys.ts";
import { fixedUnit } from "#test/house/fixed-keys.ts";
import { makeDbFolder } from "./fixtures.ts";

const DAY_MS = 86_400_000;
const ben = fixedUnit("ben");
const { account } = ben.certificate;
const batch = await fixedBatch(ben);
const idAt = (index: number) => batch.key(index).id;

function secretsIn(db: Db): number {
  return (db.prepare("SELECT count(*) AS n FROM day_key").get() as { n: number }).n;
}

test("secrets and the batch are kept in one step, and are there after a restart", async () => {
  await using place = await makeDbFolder();
  const store = openDayKeyStore(place.open(), account);
  expect(store.batchOf(TODAY)).toBeNull();
  store.keep(batch.made);
  store.uploaded(NOW_MS);
  const again = openDayKeyStore(place.open(), account);
  expect(again.secretOf(idAt(3))).toEqual(batch.secretOf(idAt(3)));
  expect(Buffer.from(again.batchOf(TODAY)?.bytes ?? []).equals(batch.made.bytes)).toBe(true);
  expect(again.uploadedMs).toBe(NOW_MS);
  expect(again.secretOf("00".repeat(16))).toBeNull();
});

test("a batch that cannot be kept whole leaves nothing behind", async () => {
  await using place = await makeDbFolder();
  const db = place.open();
  const store = openDayKeyStore(db, account);
  const [secret] = batch.made.secrets;
  if (!secret) throw new Error("no secret");
  expect(() => store.keep({ ...batch.made, secrets: [secret, secret] })).toThrow();
  expect(store.batchOf(TODAY)).toBeNull();
  expect(secretsIn(db)).toBe(0);
});

test("a one-time key is spent with the transaction that stores its message, and comes back with one that fails", async () => {
  await using place = await makeDbFolder();
  const db = place.open();
  const store = openDayKeyStore(db, account);
  store.keep(batch.made);
  const storing = db.transaction((works: boolean) => {
    store.spend(idAt(0));
    if (!works) throw new Error("the disk is full");
  });
  expect(() => storing(false)).toThrow();
  expect(store.secretOf(idAt(0))).not.toBeNull();
  storing(true);
  expect(store.secretOf(idAt(0))).toBeNull();
  store.spend(idAt(12));
  expect(store.secretOf(idAt(12))).not.toBeNull(); // the fallback serves others too
  expect(store.batchOf(TODAY)?.bytes.length).toBe(batch.made.bytes.length);
});

test("a day's secrets are forgotten when 31 days have passed, and not a day before", async () => {
  await using place = await makeDbFolder();
  const db = place.open();
  const store = openDayKeyStore(db, account);
  store.keep(batch.made);
  store.forgetOld(NOW_MS + 31 * DAY_MS);
  expect(secretsIn(db)).toBe(13);
  store.forgetOld(NOW_MS + 32 * DAY_MS);
  expect(secretsIn(db)).toBe(0);
  expect(store.secretOf(idAt(12))).toBeNull();
});

test("what is deleted is overwritten in the file, and gone from its log", async () => {
  const standsIn = (db: Db, seed: Uint8Array) => db.serialize().includes(Buffer.from(seed));
  for (const overwrite of [true, false]) {
    await using place = await makeDbFolder();
    const db = place.open();
    if (!overwrite) db.pragma("secure_delete = OFF"); // the control
    const store = openDayKeyStore(db, account);
    store.keep(batch.made);
    const seed = batch.secretOf(idAt(0))?.seed ?? new Uint8Array();
    expect(standsIn(db, seed)).toBe(true);
    store.spend(idAt(0));
    store.forgetOld(NOW_MS);
    expect(standsIn(db, seed)).toBe(!overwrite);
    const [log] = db.pragma("wal_checkpoint(PASSIVE)") as { log: number }[];
    expect(log?.log).toBe(0);
  }
});
