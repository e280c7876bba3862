import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { openReplayStore } from "#device/store/replay.ts";
import { SeenIds } from "#device/store/seen-ids.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { account, makeDbFolder } from "./fixtures.ts";

const ANA = account("ana");
const MALLORY = account("mallory");
const MINUTE_MS = 60_000;

async function makeReplay() {
  const place = await makeDbFolder();
  const clock = new FakeClock();
  const open = () => openReplayStore({ db: place.open(), clock, log: noLog });
  return { place, clock, open, replay: open(), [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

test("an id counts as seen at once, for its sender alone", async () => {
  await using made = await makeReplay();
  made.replay.remember(ANA, "1", made.clock.nowMs() + MINUTE_MS);
  expect(made.replay.seen(ANA, "1")).toBe(true);
  expect(made.replay.seen(ANA, "2")).toBe(false);
  expect(made.replay.seen(MALLORY, "1")).toBe(false);
});

test("an id is kept until five minutes after its envelope expired, and no longer", async () => {
  await using made = await makeReplay();
  made.replay.remember(ANA, "1", made.clock.nowMs() + MINUTE_MS);
  made.clock.advance(6 * MINUTE_MS - 1);
  expect(made.replay.seen(ANA, "1")).toBe(true);
  made.clock.advance(1);
  expect(made.replay.seen(ANA, "1")).toBe(false);
});

test("what was seen survives a restart, a second after it was remembered", async () => {
  await using made = await makeReplay();
  made.replay.remember(ANA, "1", made.clock.nowMs() + MINUTE_MS);
  made.clock.advance(1_000);
  expect(made.open().seen(ANA, "1")).toBe(true);
});

test("nothing is written before the verdict, nor a second time", async () => {
  await using made = await makeReplay();
  const db = made.place.open();
  const replay = openReplayStore({ db, clock: made.clock, log: noLog });
  const rows = () => db.prepare("SELECT count(*) AS n FROM seen").get();
  replay.seen(MALLORY, "1");
  replay.remember(ANA, "1", made.clock.nowMs() + MINUTE_MS);
  replay.remember(ANA, "1", made.clock.nowMs() + MINUTE_MS);
  expect(rows()).toEqual({ n: 0 });
  replay.flush();
  expect(rows()).toEqual({ n: 1 });
});

test("ids that have run out leave the disk with the next write", async () => {
  await using made = await makeReplay();
  const db = made.place.open();
  const replay = openReplayStore({ db, clock: made.clock, log: noLog });
  replay.remember(ANA, "1", made.clock.nowMs() + MINUTE_MS);
  replay.flush();
  made.clock.advance(10 * MINUTE_MS);
  replay.remember(ANA, "2", made.clock.nowMs() + MINUTE_MS);
  replay.flush();
  expect(db.prepare("SELECT id FROM seen").all()).toEqual([{ id: "2" }]);
});

test("a claim to expire in a thousand years is remembered for a month", async () => {
  await using made = await makeReplay();
  made.replay.remember(ANA, "1", Number.MAX_VALUE);
  made.clock.advance(30 * 24 * 60 * MINUTE_MS);
  expect(made.replay.seen(ANA, "1")).toBe(true);
  made.clock.advance(2 * 24 * 60 * MINUTE_MS);
  expect(made.replay.seen(ANA, "1")).toBe(false);
});

test("a sender who fills their share is not heard, and everybody else is", () => {
  const ids = new SeenIds({ eachSender: 4, all: 100 });
  for (let id = 0; id < 10; id += 1) ids.add({ sender: MALLORY, id: String(id), keepUntilMs: 50 }, 0);
  expect(ids.has(MALLORY, "never used", 0)).toBe(true);
  expect(ids.has(ANA, "1", 0)).toBe(false);
  expect(ids.has(MALLORY, "never used", 50)).toBe(false);
});

test("when all is full the sender with the most gives way, and none of their ids comes in twice", () => {
  const ids = new SeenIds({ eachSender: 8, all: 10 });
  for (let id = 0; id < 8; id += 1) ids.add({ sender: MALLORY, id: String(id), keepUntilMs: 50 + id }, 0);
  ids.add({ sender: ANA, id: "1", keepUntilMs: 50 }, 0);
  ids.add({ sender: ANA, id: "2", keepUntilMs: 50 }, 0);
  expect(ids.has(ANA, "3", 0)).toBe(false);
  expect(ids.add({ sender: ANA, id: "3", keepUntilMs: 50 }, 0)).toBe(true);
  for (let id = 0; id < 9; id += 1) expect(ids.has(MALLORY, String(id), 0)).toBe(true);
  expect(ids.takeClosed()).toEqual([{ sender: MALLORY, id: "", keepUntilMs: 57 }]);
  for (const id of ["1", "2", "3"]) expect(ids.has(ANA, id, 0)).toBe(true);
  expect(ids.has(MALLORY, "0", 56)).toBe(true);
  expect(ids.has(MALLORY, "0", 57)).toBe(false);
});

test("a sender who gave way is still not heard after a restart", async () => {
  await using made = await makeReplay();
  const untilMs = made.clock.nowMs() + MINUTE_MS;
  for (let sender = 0; sender < 17; sender += 1) {
    for (let id = 0; id < 4_000; id += 1) made.replay.remember(String(sender), String(id), untilMs);
  }
  expect(made.replay.seen("0", "unused")).toBe(true);
  made.replay.flush();
  made.place.close();
  const db = made.place.open();
  expect(db.prepare("SELECT id FROM seen WHERE sender = '0'").all()).toEqual([{ id: "" }]);
  const again = openReplayStore({ db, clock: made.clock, log: noLog });
  expect(again.seen("0", "unused")).toBe(true);
  expect(again.seen("16", "3999")).toBe(true);
  expect(again.seen("16", "unused")).toBe(false);
});

test("the clock's floor survives a restart and never goes back", async () => {
  await using made = await makeReplay();
  expect(made.replay.clockFloor.read()).toBe(0);
  made.replay.clockFloor.advance(5_000);
  made.replay.clockFloor.advance(4_000);
  made.replay.clockFloor.advance(Number.NaN);
  made.replay.clockFloor.advance(Number.POSITIVE_INFINITY);
  expect(made.replay.clockFloor.read()).toBe(5_000);
  made.replay[Symbol.dispose]();
  expect(made.open().clockFloor.read()).toBe(5_000);
});

test("the clock's floor is written at most once a minute", async () => {
  await using made = await makeReplay();
  const db = made.place.open();
  const replay = openReplayStore({ db, clock: made.clock, log: noLog });
  const written = new Set<unknown>();
  for (let second = 1; second <= 180; second += 1) {
    replay.clockFloor.advance(second);
    made.clock.advance(1_000);
    written.add(JSON.stringify(db.prepare("SELECT floor_ms FROM clock").get()));
  }
  expect(written.size).toBe(4);
});

test("the highest certificate of an account survives a restart, and a lower one changes nothing", async () => {
  await using made = await makeReplay();
  expect(made.replay.highestSeq(ANA)).toBe(0);
  made.replay.rememberSeq(ANA, 3);
  made.replay.rememberSeq(ANA, 2);
  made.replay.rememberSeq(ANA, Number.NaN);
  expect(made.replay.highestSeq(ANA)).toBe(3);
  made.clock.advance(1_000);
  const again = made.open();
  expect(again.highestSeq(ANA)).toBe(3);
  expect(again.highestSeq(MALLORY)).toBe(0);
});
