import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3-multiple-ciphers";
import { expect, test, vi } from "vitest";
import { systemClock as clock } from "#base/clock.ts";
import { noLog as log } from "#base/log.ts";
import { openKeystore } from "#device/keys/keystore.ts";
import { DATABASE } from "#device/store/book-open.ts";
import { MIGRATIONS } from "#device/store/schema.ts";
import { openStores } from "#device/stores.ts";
import { sha256Of } from "#device/update/manifest.ts";
import { passTrial } from "#device/update/pass-trial.ts";
import { type HealthCheck, healthOf, judgeHealth } from "#device/update/trial.ts";
import type { Hal } from "#hal/hal.ts";
import { HalError } from "#hal/hal-error.ts";
import { SimBoard } from "#hal/sim/sim-board.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { makeFirmware } from "#test/house/firmware.ts";
import { fixedUnit } from "#test/house/fixed-keys.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

// Many bundles, processes or databases each, which takes a busy machine its time.
vi.setConfig({ testTimeout: 60_000 });

const MALLORY = fixedUnit("mallory").certificate.account;
const BEFORE = MIGRATIONS.length - 1;

/** Keys, and a book with a block in it; as the version before this one left them. */
async function makeData(data: string): Promise<void> {
  const { close, key, stores } = await open(data);
  expect(stores.book.change({ type: "block", block: { account: MALLORY } })).toMatchObject({
    ok: true,
  });
  close();
  setVersion(data, key, BEFORE);
}

async function open(data: string) {
  const keys = await openKeystore({ folder: data, nowMs: clock.nowMs() });
  if (!keys.ok) throw new Error(keys.message);
  const opened = openStores(data, keys.keystore, { region: "GB", clock, log });
  if (!opened.ok) throw new Error(opened.fault);
  return { ...opened, key: keys.keystore.databaseKey() };
}

function setVersion(data: string, key: Buffer, version: number): void {
  const db = new Database(join(data, DATABASE));
  db.pragma(`key = "x'${key.toString("hex")}'"`);
  db.pragma(`user_version = ${version}`);
  db.close();
}

function versionIn(data: string, key: Buffer): unknown {
  const db = new Database(join(data, DATABASE));
  db.pragma(`key = "x'${key.toString("hex")}'"`);
  const version = db.pragma("user_version", { simple: true });
  db.close();
  return version;
}

function filesIn(folder: string): Record<string, string> {
  const files = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, sha256Of(readFileSync(join(folder, name)))]));
}

const well: HealthCheck = { what: "book", patient: false, fault: () => null };
const ill: HealthCheck = { what: "book", patient: false, fault: () => "it is damaged" };

async function onTrial(health: readonly HealthCheck[]) {
  await using folder = await makeTempFolder();
  const [root, data] = [join(folder.path, "firmware"), join(folder.path, "data")];
  const slots = await makeFirmware(root);
  await makeData(data);
  const before = filesIn(data);
  slots.chooseStart();
  let rehearsed: unknown;
  const rehearse = async (copy: string) => {
    expect(statSync(copy).mode & 0o777).toBe(0o700);
    const { stores, close, key } = await open(copy);
    expect(stores.book.book.blocks).toContainEqual({ account: MALLORY });
    expect(stores.book.change({ type: "calling", calling: "off" })).toMatchObject({ ok: true });
    close();
    rehearsed = versionIn(copy, key);
    return { stop: () => undefined, stopped: Promise.resolve(), health };
  };
  const env = { PORTER_FIRMWARE: root, PORTER_SLOT: "b" };
  const passed = await passTrial({ env, data, rehearse, clock, log });
  expect(rehearsed).toBe(MIGRATIONS.length);
  expect(filesIn(data)).toEqual(before);
  expect(existsSync(join(data, "trial"))).toBe(false);
  return { passed, state: slots.state() };
}

test("firmware on trial migrates a copy; the data are untouched until it is confirmed", async () => {
  expect(await onTrial([well])).toMatchObject({ passed: true, state: { confirmed: "b", counter: 6, trial: null } });
});

test("firmware that is ill gives way, and the data are those that the firmware before it wrote", async () => {
  expect(await onTrial([well, ill])).toMatchObject({
    passed: false,
    state: { confirmed: "a", counter: 5, trial: { slot: "b", triesLeft: 2 } },
  });
});

test("opening the data themselves does migrate them: what the copy keeps from happening", async () => {
  await using folder = await makeTempFolder();
  await makeData(folder.path);
  const { close, key } = await open(folder.path);
  close();
  expect(versionIn(folder.path, key)).toBe(MIGRATIONS.length);
});

test("firmware that dies in its rehearsal, or starts on no slot's word, is not confirmed", async () => {
  await using folder = await makeTempFolder();
  const slots = await makeFirmware(join(folder.path, "firmware"));
  slots.chooseStart();
  const rehearse = () => Promise.reject(new Error("no such library"));
  const data = join(folder.path, "data");
  const env = { PORTER_FIRMWARE: slots.root, PORTER_SLOT: "b" };
  expect(await passTrial({ env, data, rehearse, clock, log })).toBe(false);
  for (const other of [{}, { ...env, PORTER_SLOT: "a" }, { ...env, PORTER_SLOT: "../b" }]) {
    expect(await passTrial({ env: other, data, rehearse, clock, log })).toBe(true);
  }
  expect(slots.state()).toMatchObject({ confirmed: "a", trial: { slot: "b" } });
});

test("ears may take their time; a book that cannot be read will not get better", async () => {
  const slow = new FakeClock();
  let asked = 0;
  const ears: HealthCheck = { what: "ears", patient: true, fault: () => (++asked < 5 ? "starting" : null) };
  const health = judgeHealth([ears], slow);
  for (let at = 0; at < 20; at += 1) {
    slow.advance(250);
    await Promise.resolve();
  }
  expect(await health).toEqual([]);
  expect(await judgeHealth([ears, ill], slow)).toEqual(["book: it is damaged"]);
  const never = judgeHealth([{ ...ears, fault: () => "down" }], slow);
  for (let at = 0; at < 300; at += 1) {
    slow.advance(250);
    await Promise.resolve();
  }
  expect(await never).toEqual(["ears: down"]);
});

test("with the patience that an emulated machine is given, ears may take so many times longer", async () => {
  const slow = new FakeClock();
  let isUp = false;
  const health = judgeHealth([{ what: "ears", patient: true, fault: () => (isUp ? null : "starting") }], slow, 3);
  for (let at = 0; at < 700; at += 1) {
    if (at === 690) isUp = true;
    slow.advance(250);
    await Promise.resolve();
  }
  expect(await health).toEqual([]);
});

test("a board whose lights or inputs do not answer keeps firmware from being confirmed, though it says so late", async () => {
  const slow = new FakeClock();
  const judge = async (faultFromMs: number) => {
    const startedMs = slow.monotonicMs();
    const { button, mute } = new SimBoard(slow);
    const hal: Hal = {
      button,
      mute,
      lights: { show: () => undefined },
      get fault() {
        const isFailing = slow.monotonicMs() - startedMs >= faultFromMs;
        return isFailing ? new HalError("board-failed", "the ring does not answer", {}) : null;
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const health = judgeHealth(healthOf({ fault: null, ears: { state: "ready" }, hal }), slow);
    for (let at = 0; at < 300; at += 1) {
      slow.advance(250);
      await Promise.resolve();
    }
    return health;
  };
  expect(await judge(500)).toEqual(["board: the ring does not answer"]);
  expect(await judge(Number.POSITIVE_INFINITY)).toEqual([]);
});
