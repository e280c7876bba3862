import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { openReplayStore } from "#device/store/replay.ts";
import { SeenIds } from "#device/store/seen-ids.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { account, makeDbFolder } from "./fixtures.ts";

/** Ana is in the book, Mallory is not. */
const ANA = { account: account("ana"), known: true };
const MALLORY = { account: account("mallory"), known: false };
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

test("a claim to expire in a thousand years is remembered for some five weeks", async () => {
  await using made = await makeReplay();
  made.replay.remember(ANA, "1", Number.MAX_VALUE);
  made.clock.advance(30 * 24 * 60 * MINUTE_MS);
  expect(made.replay.seen(ANA, "1")).toBe(true);
  made.clock.advance(7 * 24 * 60 * MINUTE_MS);
  expect(made.replay.seen(ANA, "1")).toBe(false);
});

test("a sender who fills their share is not heard, and everybody else is", () => {
  const ids = new SeenIds({ eachSender: 4, all: 100 });
  for (let id = 0; id < 10; id += 1) ids.add({ sender: "mallory", id: String(id), keepUntilMs: 50 }, 0);
  expect(ids.has("mallory", "never used", 0)).toBe(true);
  expect(ids.has("ana", "1", 0)).toBe(false);
  expect(ids.has("mallory", "never used", 50)).toBe(false);
});

test("when all is full the sender with the most gives way, and none of their ids comes in twice", () => {
  const ids = new SeenIds({ eachSender: 8, all: 10 });
  for (let id = 0; id < 8; id += 1) ids.add({ sender: "mallory", id: String(id), keepUntilMs: 50 + id }, 0);
  ids.add({ sender: "ana", id: "1", keepUntilMs: 50 }, 0);
  ids.add({ sender: "ana", id: "2", keepUntilMs: 50 }, 0);
  expect(ids.has("ana", "3", 0)).toBe(false);
  expect(ids.add({ sender: "ana", id: "3", keepUntilMs: 50 }, 0)).toBe(true);
  for (let id = 0; id < 9; id += 1) expect(ids.has("mallory", String(id), 0)).toBe(true);
  expect(ids.takeClosed()).toEqual([{ sender: "mallory", id: "", keepUntilMs: 57 }]);
  for (const id of ["1", "2", "3"]) expect(ids.has("ana", id, 0)).toBe(true);
  expect(ids.has("mallory", "0", 56)).toBe(true);
  expect(ids.has("mallory", "0", 57)).toBe(false);
});

test("a sender who gave way is still not heard after a restart", async () => {
  await using made = await makeReplay();
  const untilMs = made.clock.nowMs() + MINUTE_MS;
  const person = (number: number) => ({ account: String(number), known: true });
  for (let sender = 0; sender < 17; sender += 1) {
    for (let id = 0; id < 4_000; id += 1) made.replay.remember(person(sender), String(id), untilMs);
  }
  expect(made.replay.seen(person(0), "unused")).toBe(true);
  made.replay.flush();
  made.place.close();
  const db = made.place.open();
  expect(db.prepare("SELECT id FROM seen WHERE sender = '0'").all()).toEqual([{ id: "" }]);
  const again = openReplayStore({ db, clock: made.clock, log: noLog });
  expect(again.seen(person(0), "unused")).toBe(true);
  expect(again.seen(person(16), "3999")).toBe(true);
  expect(again.seen(person(16), "unused")).toBe(false);
});

test("however many strangers send however much, who is in the book is heard, also after a restart", async () => {
  await using made = await makeReplay();
  const untilMs = made.clock.nowMs() + MINUTE_MS;
  for (let stranger = 0; stranger < 260; stranger += 1) {
    // A quarter of a stranger's share at most: none of them is the one who filled the room.
    for (let id = 0; id < 255; id += 1)
      made.replay.remember({ account: `${stranger}`, known: false }, `${id}`, untilMs);
  }
  made.replay.flush();
  for (const replay of [made.replay, made.open()]) {
    expect(replay.seen(MALLORY, "unused")).toBe(true);
    expect(replay.seen(ANA, "unused")).toBe(false);
    replay.remember(ANA, "1", untilMs);
    expect(replay.seen(ANA, "1")).toBe(true);
  }
});

test("whoever comes into the book, or leaves it, sends nothing twice for that", async () => {
  await using made = await makeReplay();
  const untilMs = made.clock.nowMs() + MINUTE_MS;
  made.replay.remember(MALLORY, "1", untilMs);
  made.replay.remember(ANA, "1", untilMs);
  made.replay.flush();
  for (const replay of [made.replay, made.open()]) {
    expect(replay.seen({ ...MALLORY, known: true }, "1")).toBe(true);
    expect(replay.seen({ ...ANA, known: false }, "1")).toBe(true);
    expect(replay.seen({ ...MALLORY, known: true }, "2")).toBe(false);
  }
});

test("the floor of time is when what is forgotten expired, survives a restart, and never goes back", async () => {
  await using made = await makeReplay();
  const firstMs = made.clock.nowMs();
  made.replay.remember(ANA, "1", firstMs + MINUTE_MS);
  made.replay.flush();
  expect(made.replay.floorMs(true)).toBe(0);
  made.clock.advance(6 * MINUTE_MS);
  let again = made.open(); // forgotten here, and still on the disk
  expect(again.floorMs(true)).toBe(firstMs + MINUTE_MS);
  again.remember(ANA, "2", made.clock.nowMs() + MINUTE_MS);
  again.flush(); // takes it from the disk
  again = made.open();
  expect(again.floorMs(true)).toBe(firstMs + MINUTE_MS);
  expect(again.floorMs(false)).toBe(0);
});

test("a clock that was a year ahead raises the floor to no time that nobody signed", async () => {
  await using made = await makeReplay();
  const ahead = new FakeClock(made.clock.nowMs() + 365 * 24 * 60 * MINUTE_MS);
  made.replay.remember(ANA, "1", made.clock.nowMs() + MINUTE_MS);
  made.replay.flush();
  const wrong = openReplayStore({ db: made.place.open(), clock: ahead, log: noLog });
  wrong.remember(ANA, "2", ahead.nowMs() + MINUTE_MS);
  wrong.flush();
  const again = made.open();
  expect(again.floorMs(true)).toBe(made.clock.nowMs() + MINUTE_MS);
  expect(again.seen(ANA, "2")).toBe(true);
});

test("a room that is full forgets nothing without raising its floor", () => {
  const ids = new SeenIds({ eachSender: 2, all: 100 });
  ids.add({ sender: "ana", id: "1", keepUntilMs: 50 }, 0);
  ids.add({ sender: "ana", id: "2", keepUntilMs: 60 }, 0);
  expect(ids.forgottenMs).toBe(0);
  ids.add({ sender: "ana", id: "3", keepUntilMs: 90 }, 55);
  expect(ids.forgottenMs).toBe(50);
});

test("the highest certificate of an account survives a restart, and a lower one changes nothing", async () => {
  await using made = await makeReplay();
  expect(made.replay.highestSeq(ANA.account)).toBe(0);
  made.replay.rememberSeq(ANA.account, 3);
  made.replay.rememberSeq(ANA.account, 2);
  made.replay.rememberSeq(ANA.account, Number.NaN);
  expect(made.replay.highestSeq(ANA.account)).toBe(3);
  made.clock.advance(1_000);
  const again = made.open();
  expect(again.highestSeq(ANA.account)).toBe(3);
  expect(again.highestSeq(MALLORY.account)).toBe(0);
});
