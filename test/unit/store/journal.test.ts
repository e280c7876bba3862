import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import type { Db } from "#device/store/db.ts";
import { openJournal } from "#device/store/journal.ts";
import type { JournalLine } from "#device/store/journal-line.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { journalSigner } from "#test/house/signers.ts";
import { account, makeDbFolder } from "./fixtures.ts";

const MALLORY = account("mallory");

async function makeJournal(maxLines?: number) {
  const place = await makeDbFolder();
  const clock = new FakeClock();
  const open = (db: Db = place.open()) =>
    openJournal({ db, signer: journalSigner(), clock, log: noLog, ...(maxLines !== undefined && { maxLines }) });
  const db = place.open();
  const rows = () => db.prepare("SELECT count(*) AS n FROM journal").get();
  return { place, clock, db, rows, open, journal: open(db), [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

function dropped(clock: FakeClock, by: string = MALLORY): JournalLine {
  return { atMs: clock.nowMs(), what: "verdict", account: by, act: "drop", because: "blocked", by: "gate" };
}

function changed(clock: FakeClock, detail = "blocked mallory"): JournalLine {
  return { atMs: clock.nowMs(), what: "change", by: "voice", detail };
}

test("what the owner changed is on the disk when append returns, and there after a restart", async () => {
  await using made = await makeJournal();
  made.journal.append(changed(made.clock));
  expect(made.rows()).toEqual({ n: 1 });
  const [line] = made.open().list({ limit: 5 });
  expect(line).toEqual({ ...changed(made.clock), id: 1, count: 1, lastMs: made.clock.nowMs(), chain: "closed" });
});

test("lines are listed newest first, a page at a time", async () => {
  await using made = await makeJournal();
  for (const name of ["a", "b", "c", "d", "e"]) made.journal.append(changed(made.clock, name));
  const first = made.journal.list({ limit: 2 });
  expect(first.map((line) => line.detail)).toEqual(["e", "d"]);
  const second = made.journal.list({ limit: 2, before: first[1]?.id });
  expect(second.map((line) => line.detail)).toEqual(["c", "b"]);
});

test("a flood from one account is one line a minute, with how often and until when", async () => {
  await using made = await makeJournal();
  const startMs = made.clock.nowMs();
  for (let call = 0; call < 900; call += 1) {
    made.journal.append(dropped(made.clock));
    made.clock.advance(100);
  }
  const lines = made.journal.list({ limit: 10 });
  expect(lines.map((line) => line.count)).toEqual([300, 600]);
  expect(lines.map((line) => [line.atMs, line.lastMs])).toEqual([
    [startMs + 60_000, startMs + 89_900],
    [startMs, startMs + 59_900],
  ]);
});

test("a flood costs one write each two seconds, however fast it comes", async () => {
  await using made = await makeJournal();
  let commits = 0;
  const transaction = made.db.transaction.bind(made.db);
  made.db.transaction = (work) => {
    commits += 1;
    return transaction(work);
  };
  for (let call = 0; call < 10_000; call += 1) {
    made.journal.append(dropped(made.clock, account(String(call % 500))));
    made.clock.advance(1);
  }
  expect(commits).toBeLessThanOrEqual(5);
  expect(commits).toBeGreaterThan(0);
});

test("many accounts in one minute are named up to sixty, and counted together beyond", async () => {
  await using made = await makeJournal();
  for (let caller = 0; caller < 1_000; caller += 1) made.journal.append(dropped(made.clock, account(String(caller))));
  const lines = made.journal.list({ limit: 200 });
  expect(lines).toHaveLength(61);
  expect(lines[0]).toMatchObject({ count: 940, several: true });
  expect(lines[0]).not.toHaveProperty("account");
});

test("a flood of what was kept out cannot push out what matters", { timeout: 20_000 }, async () => {
  await using made = await makeJournal(100);
  for (const name of ["a", "b", "c"]) made.journal.append(changed(made.clock, name));
  for (let minute = 0; minute < 500; minute += 1) {
    made.journal.append(dropped(made.clock));
    made.clock.advance(60_000);
  }
  const lines = made.journal.list({ limit: 200 });
  expect(lines.length).toBeLessThanOrEqual(100);
  expect(lines.length).toBeGreaterThan(90);
  expect(lines.filter((line) => line.what === "change")).toHaveLength(3);
  for (let change = 0; change < 500; change += 1) made.journal.append(changed(made.clock));
  const later = made.journal.list({ limit: 200 });
  expect(later.length).toBeLessThanOrEqual(100);
  expect(later.length).toBeGreaterThan(90);
  expect(later.filter((line) => line.what === "verdict").length).toBeGreaterThan(40);
});

test("what waits is written when the journal is let go, and not twice", async () => {
  await using made = await makeJournal();
  made.journal.append(dropped(made.clock));
  expect(made.rows()).toEqual({ n: 0 });
  made.journal[Symbol.dispose]();
  expect(made.rows()).toEqual({ n: 1 });
  // Nothing stays open, and all of it is signed.
  expect(made.db.prepare("SELECT number FROM journal").get()).toEqual({ number: 1 });
  expect(made.db.prepare("SELECT seq FROM journal_checkpoint").all()).toEqual([{ seq: 1 }]);
  made.clock.advance(10_000);
  expect(made.open().list({ limit: 5 })[0]?.count).toBe(1);
});

test("a disk that refuses throws nothing, and what it refused is written once it takes it", async () => {
  await using made = await makeJournal();
  made.db.exec("ALTER TABLE journal RENAME TO away");
  made.journal.append(changed(made.clock, "first"));
  made.db.exec("ALTER TABLE away RENAME TO journal");
  made.journal.append(changed(made.clock, "second"));
  expect(made.journal.list({ limit: 5 }).map((line) => line.detail)).toEqual(["second", "first"]);
});

test("who is let in and calls without end has six lines a minute to himself, and is counted beyond", async () => {
  await using made = await makeJournal();
  const admitted: JournalLine = { ...dropped(made.clock), act: "admit", because: "granted", outcome: "busy" };
  for (let call = 0; call < 500; call += 1) made.journal.append(admitted);
  expect(made.journal.list({ limit: 50 }).map((line) => line.count)).toEqual([494, 1, 1, 1, 1, 1, 1]);
  made.clock.advance(60_000);
  made.journal.append({ ...admitted, atMs: made.clock.nowMs() });
  expect(made.journal.list({ limit: 1 })[0]?.count).toBe(1);
});

test("however many strangers there are, those in the book are named still", async () => {
  await using made = await makeJournal();
  for (let minute = 0; minute < 20; minute += 1) {
    for (let caller = 0; caller < 200; caller += 1)
      made.journal.append(dropped(made.clock, account(`${minute} ${caller}`)));
    made.journal.append({ ...dropped(made.clock, account("mum")), person: "mum", because: "not-granted" });
    made.clock.advance(60_000);
  }
  const lines = made.journal.list({ limit: 200 });
  expect(lines.filter(({ person }) => person === "mum")).toHaveLength(20);
  // 60 at once, two more with each minute that follows, and one count of all others each minute.
  expect(lines.length - 20).toBe(60 + 19 * 2 + 20);
  expect(lines.reduce((sum, line) => sum + line.count, 0)).toBe(20 * 201);
});

test("different things that one account did are counted apart: a call, and the end of one", async () => {
  await using made = await makeJournal();
  for (const detail of ["call.offer", "call.end", "call.offer"])
    made.journal.append({ ...dropped(made.clock), detail });
  const lines = made.journal.list({ limit: 5 });
  expect(lines.map(({ detail, count }) => `${detail} ${count}`)).toEqual(["call.end 1", "call.offer 2"]);
});

test("a count is open until its minute is over, and closed soon after without another line", async () => {
  await using made = await makeJournal();
  made.journal.append(dropped(made.clock));
  expect(made.journal.list({ limit: 1 })[0]).toMatchObject({ chain: "open" });
  expect((await made.journal.verify()).strands.counted.last).toBe(0);
  made.clock.advance(120_000);
  expect(made.db.prepare("SELECT number FROM journal").get()).toEqual({ number: 1 });
  expect(made.journal.list({ limit: 1 })[0]).toMatchObject({ chain: "closed" });
  expect(await made.journal.verify()).toMatchObject({ holds: true, strands: { counted: { last: 1 } }, unsigned: 1 });
  // A segment does not stay open for ever either.
  made.clock.advance(660_000);
  expect(await made.journal.verify()).toMatchObject({ holds: true, unsigned: 0 });
});

test("a count that a power cut left open is closed by the next start", async () => {
  await using made = await makeJournal();
  made.journal.append(dropped(made.clock));
  made.clock.advance(2_000);
  made.journal.append(changed(made.clock));
  const again = made.open();
  expect(await again.verify()).toMatchObject({ holds: true, unsigned: 0, strands: { counted: { last: 1 } } });
  again.append(dropped(made.clock));
  expect(again.list({ limit: 5 }).map(({ chain, count }) => `${chain} ${count}`)).toEqual([
    "open 1",
    "closed 1",
    "closed 1",
  ]);
});

test("what is lost while the disk refuses for long is told of once it takes lines again", async () => {
  await using made = await makeJournal();
  made.db.exec("ALTER TABLE journal RENAME TO away");
  for (let line = 0; line < 1_005; line += 1) made.journal.append(changed(made.clock, String(line)));
  expect(await made.journal.exported()).toBeNull();
  expect(made.journal.forget({ keys: [MALLORY] }, "cli")).toBeNull();
  made.db.exec("ALTER TABLE away RENAME TO journal");
  made.clock.advance(60_000);
  const last = made.journal.list({ limit: 200, before: 7 });
  expect(last.map(({ what, detail, count }) => [what, detail, count]).at(-1)).toEqual(["gap", undefined, 5]);
  expect(await made.journal.verify()).toMatchObject({ holds: true, strands: { single: { last: 1_001 } } });
});

test("a journal whose disk was tampered with is still listed and judged", async () => {
  await using made = await makeJournal();
  for (const name of ["a", "b", "c"]) made.journal.append(changed(made.clock, name));
  made.db.exec("UPDATE journal SET hash = NULL WHERE number = 1; UPDATE journal SET details = 'x' WHERE number = 2");
  expect(made.journal.list({ limit: 5 }).map(({ detail }) => detail)).toEqual(["c", "a"]);
  expect((await made.journal.verify()).breaks.join("; ")).toMatch(/line 1 does not follow.*line 2 was altered/);
  made.db.exec("UPDATE journal_checkpoint SET signed = x'00'");
  expect((await made.open().verify()).holds).toBe(false);
});
