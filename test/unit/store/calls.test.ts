import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { type ListedCall, openCallList } from "#device/store/calls.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { account, makeDbFolder, OWNER } from "./fixtures.ts";

const ANA = account("ana");
const MALLORY = account("mallory");

async function makeCalls(maxOfEach = 500) {
  const place = await makeDbFolder();
  const clock = new FakeClock();
  const open = () => openCallList({ db: place.open(), owner: OWNER, clock, log: noLog, maxOfEach });
  return { place, clock, open, calls: open(), [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

function missed(atMs: number, by = ANA): ListedCall {
  return { atMs, account: by, direction: "in", kind: "missed", heard: false };
}

function request(atMs: number, by = MALLORY): ListedCall {
  return { atMs, account: by, direction: "in", kind: "request", heard: false };
}

test("a missed call is on the disk when add returns", async () => {
  await using made = await makeCalls();
  made.calls.add(missed(1));
  expect(made.open().unheard()).toEqual([{ ...missed(1), id: 1, count: 1 }]);
});

test("what was heard of stays heard after a restart", async () => {
  await using made = await makeCalls();
  made.calls.add(missed(1));
  made.calls.add(missed(2));
  made.calls.markHeard([1, 99]);
  expect(
    made
      .open()
      .unheard()
      .map((call) => call.atMs),
  ).toEqual([2]);
  expect(
    made
      .open()
      .list(10)
      .map((call) => call.heard),
  ).toEqual([false, true]);
});

test("requests stay out of sight until they are asked for", async () => {
  await using made = await makeCalls();
  made.calls.add(missed(1));
  made.calls.add(request(2));
  expect(made.calls.unheard().map((call) => call.kind)).toEqual(["missed"]);
  expect(made.calls.lastIncoming()?.atMs).toBe(1);
  expect(made.calls.unheard({ requests: true }).map((call) => call.kind)).toEqual(["request", "missed"]);
});

test("the last call that came in is not one that was made", async () => {
  await using made = await makeCalls();
  expect(made.calls.lastIncoming()).toBeUndefined();
  made.calls.add({ atMs: 1, account: ANA, direction: "in", kind: "answered", heard: true });
  made.calls.add({ atMs: 2, account: MALLORY, direction: "out", kind: "made", heard: true });
  expect(made.calls.lastIncoming()?.account).toBe(ANA);
});

test("requests of one account are one entry until it is heard", async () => {
  await using made = await makeCalls();
  for (let atMs = 1; atMs <= 50; atMs += 1) made.calls.add(request(atMs));
  const [entry, ...others] = made.calls.unheard({ requests: true });
  expect(others).toEqual([]);
  expect(entry).toMatchObject({ atMs: 50, count: 50 });
  made.calls.markHeard([entry?.id ?? 0]);
  made.calls.add(request(51));
  made.calls.flush();
  expect(made.open().unheard({ requests: true })).toMatchObject([{ atMs: 51, count: 1 }]);
});

test("strangers without number push out no call of anybody else's", async () => {
  await using made = await makeCalls(20);
  made.calls.add(missed(1));
  for (let caller = 0; caller < 100; caller += 1) made.calls.add(request(caller, account(String(caller))));
  made.calls.flush();
  const calls = made.open().list(1_000);
  expect(calls).toHaveLength(21);
  expect(calls.filter((call) => call.kind === "missed")).toHaveLength(1);
  expect(calls[0]?.atMs).toBe(99);
});

test("the list keeps the newest calls only", async () => {
  await using made = await makeCalls(20);
  for (let atMs = 1; atMs <= 50; atMs += 1) made.calls.add(missed(atMs));
  const kept = made
    .open()
    .list(1_000)
    .map((call) => call.atMs);
  expect(kept).toEqual(Array.from({ length: 20 }, (_, index) => 50 - index));
});

test("requests reach the disk in batches, and with the end of the unit", async () => {
  await using made = await makeCalls();
  const db = made.place.open();
  const calls = openCallList({ db, owner: OWNER, clock: made.clock, log: noLog });
  const rows = () => db.prepare("SELECT count(*) AS n FROM call").get();
  calls.add(request(1));
  expect(rows()).toEqual({ n: 0 });
  made.clock.advance(2_000);
  expect(rows()).toEqual({ n: 1 });
  calls.add(request(2, ANA));
  calls[Symbol.dispose]();
  expect(rows()).toEqual({ n: 2 });
});

test("a disk that refuses throws nothing and keeps the list in memory", async () => {
  await using made = await makeCalls();
  made.place.close();
  made.calls.add(missed(1));
  made.calls.markHeard([1]);
  expect(made.calls.list(5)).toMatchObject([{ atMs: 1, heard: true }]);
});
