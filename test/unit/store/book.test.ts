import { expect, test } from "vitest";
import { lookup } from "#device/gate/lookup.ts";
import type { BookStore } from "#device/store/book.ts";
import type { BookChange } from "#device/store/change.ts";
import { testSeal } from "#test/house/books.ts";
import { account, makeBookFolder, OWNER } from "./fixtures.ts";

const BEN = account("ben");
const BEN_OLD = account("ben's old phone");
const MALLORY = account("mallory");

async function makeBook() {
  const place = await makeBookFolder();
  const { store, db } = place.open();
  const reopen = (): BookStore => place.open().store;
  return { place, store, db, reopen, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

const DAILY: readonly BookChange[] = [
  { type: "add-person", name: "Ben", aliases: ["Benny"], accounts: [BEN], grants: ["ring"] },
  { type: "add-person", name: "Mallory", accounts: [MALLORY], grants: ["ring", "message"] },
  { type: "add-account", person: "ben", account: BEN_OLD },
  { type: "grant", person: "ben", grants: ["message", "drop-in"] },
  { type: "revoke", person: "mallory", grants: ["message"] },
  { type: "block", block: { person: "mallory" } },
  { type: "block", block: { account: account("stranger") } },
  { type: "block", block: { unknown: true } },
  { type: "unblock", block: { unknown: true } },
  { type: "calling", calling: "off" },
  { type: "unknown", unknown: "drop" },
  { type: "remove-person", person: "mallory", atMs: 0 },
  { type: "add-person", name: "Eve", numbers: ["+447700900123"], addresses: ["eve@example.org"] },
  { type: "add-number", person: "ben", number: "+442079460018" },
  { type: "add-address", person: "ben", address: "ben@example.org" },
  {
    type: "own-hours",
    person: "ben",
    hours: [{ grant: "ring", fromMinute: 1_020, toMinute: 1_080, days: ["mon", "tue"] }],
  },
  { type: "quiet-hours", quietHours: [{ fromMinute: 1_320, toMinute: 420, days: ["sun"], except: ["ben"] }] },
  { type: "block", block: { number: "+447700900666" } },
  { type: "block", block: { prefix: "+44909" } },
  { type: "block", block: { withheld: true } },
  { type: "unblock", block: { withheld: true } },
  { type: "kids", kids: true },
  { type: "region", region: "IT" },
  { type: "time-zone", timeZone: "Europe/Rome" },
  { type: "merge-people", person: "eve", into: "ben" },
];

test("a new book is empty: calling on, unknown callers held, nobody blocked", async () => {
  await using book = await makeBook();
  const { timeZone } = book.store.book;
  expect(book.store.book).toEqual({
    revision: 1,
    owner: OWNER,
    calling: "on",
    unknown: "hold",
    kids: false,
    evidence: "drop",
    unverifiedOrigin: "drop",
    region: "GB",
    timeZone,
    people: [],
    blocks: [],
    quietHours: [],
    deleted: [],
    seal: testSeal,
  });
});

test("after every change the stored book is the one in memory, one revision on", async () => {
  await using book = await makeBook();
  let store: BookStore = book.store;
  for (const [index, change] of DAILY.entries()) {
    const result = store.change(change);
    expect(result, JSON.stringify(change)).toMatchObject({ ok: true, changed: true });
    expect(store.book.revision).toBe(index + 2);
    const before = store.book;
    store = book.reopen();
    expect(store.book).toEqual(before);
  }
});

test("a change makes a new book and leaves the old one as it was", async () => {
  await using book = await makeBook();
  const old = book.store.book;
  book.store.change({ type: "add-person", name: "Ben", accounts: [BEN] });
  expect(old.people).toEqual([]);
  expect(book.store.personOf(BEN)?.id).toBe("ben");
  expect(book.store.personOf(MALLORY)).toBeUndefined();
});

test("people get short plain ids that no two share", async () => {
  await using book = await makeBook();
  for (const name of ["Ben", "Ben", "José Ángel", "你好", "  Aunt   Mary ", "ben"]) {
    book.store.change({ type: "add-person", name });
  }
  const { people } = book.store.book;
  expect(people.map((person) => person.id)).toEqual(["ben", "ben-2", "jose-angel", "person", "aunt-mary", "ben-3"]);
  expect(people.map((person) => person.name)).toContain("Aunt Mary");
});

test("an account that another person has is refused, and nothing changes", async () => {
  await using book = await makeBook();
  book.store.change({ type: "add-person", name: "Ben", accounts: [BEN] });
  book.store.change({ type: "add-person", name: "Carol" });
  const before = book.store.book;
  const why = { code: "account-taken", account: BEN, person: { id: "ben" } };
  expect(book.store.change({ type: "add-person", name: "Dan", accounts: [BEN] })).toMatchObject({ ok: false, why });
  expect(book.store.change({ type: "add-account", person: "carol", account: BEN })).toMatchObject({ ok: false, why });
  expect(book.store.book).toBe(before);
});

test.each<[string, BookChange, string]>([
  ["an empty name", { type: "add-person", name: "  " }, "bad-name"],
  ["a name of signs", { type: "add-person", name: "---" }, "bad-name"],
  ["a name with a control character", { type: "add-person", name: "Ben\u0007" }, "bad-name"],
  ["a name with a writing-direction trick", { type: "add-person", name: "Ben\u202enolaB" }, "bad-name"],
  ["an endless name", { type: "add-person", name: "x".repeat(65) }, "bad-name"],
  ["a bad alias", { type: "add-person", name: "Ben", aliases: [""] }, "bad-name"],
  ["half an account", { type: "add-person", name: "Ben", accounts: [BEN.slice(1)] }, "bad-account"],
  ["an account in another writing", { type: "block", block: { account: BEN.toUpperCase() } }, "bad-account"],
  ["the owner's own account", { type: "add-person", name: "Me", accounts: [OWNER] }, "own-account"],
  ["a block of the owner", { type: "block", block: { account: OWNER } }, "own-account"],
  ["nobody", { type: "block", block: { person: "nobody" } }, "no-such-person"],
  ["what was never blocked", { type: "unblock", block: { account: BEN } }, "not-blocked"],
  ["unknown callers never blocked", { type: "unblock", block: { unknown: true } }, "not-blocked"],
  ["a crowd of aliases", { type: "add-person", name: "A", aliases: "bcdefghijklmnopqrstuvw".split("") }, "too-many"],
])("%s is refused with a reason", async (_, change, code) => {
  await using book = await makeBook();
  const before = book.store.book;
  expect(book.store.change(change)).toMatchObject({ ok: false, why: { code } });
  expect(book.store.book).toBe(before);
});

test("what is so already changes nothing and says so", async () => {
  await using book = await makeBook();
  book.store.change({ type: "add-person", name: "Ben", accounts: [BEN], grants: ["ring"] });
  book.store.change({ type: "block", block: { person: "ben" } });
  const before = book.store.book;
  const again: BookChange[] = [
    { type: "block", block: { person: "ben" } },
    { type: "grant", person: "ben", grants: ["ring"] },
    { type: "add-account", person: "ben", account: BEN },
    { type: "calling", calling: "on" },
    { type: "unknown", unknown: "hold" },
  ];
  for (const change of again) expect(book.store.change(change)).toMatchObject({ ok: true, changed: false });
  expect(book.store.book).toBe(before);
});

test("removing a blocked person keeps every account of theirs blocked", async () => {
  await using book = await makeBook();
  book.store.change({ type: "add-person", name: "Mallory", accounts: [MALLORY, BEN_OLD] });
  book.store.change({ type: "block", block: { person: "mallory" } });
  book.store.change({ type: "remove-person", person: "mallory", atMs: 0 });
  for (const key of [MALLORY, BEN_OLD]) expect(lookup(book.reopen().book).blocked(key)).toBe(true);
});

test("removing somebody blocked by one account keeps their others blocked too", async () => {
  await using book = await makeBook();
  book.store.change({ type: "add-person", name: "Mallory", accounts: [MALLORY, BEN_OLD] });
  book.store.change({ type: "block", block: { account: MALLORY } });
  book.store.change({ type: "remove-person", person: "mallory", atMs: 0 });
  expect(book.store.book.blocks).toEqual([]);
  for (const key of [MALLORY, BEN_OLD]) expect(lookup(book.store.book).blocked(key)).toBe(true);
});

test("unblocking a person lifts the blocks on their accounts with it", async () => {
  await using book = await makeBook();
  book.store.change({ type: "add-person", name: "Ben", accounts: [BEN, BEN_OLD] });
  book.store.change({ type: "block", block: { account: BEN_OLD } });
  book.store.change({ type: "block", block: { person: "ben" } });
  book.store.change({ type: "block", block: { account: MALLORY } });
  expect(book.store.change({ type: "unblock", block: { person: "ben" } })).toMatchObject({ ok: true });
  expect(book.reopen().book.blocks).toEqual([{ account: MALLORY }]);
});

test("unblocking one account of a blocked person is refused, because it would stay blocked", async () => {
  await using book = await makeBook();
  book.store.change({ type: "add-person", name: "Ben", accounts: [BEN] });
  book.store.change({ type: "block", block: { person: "ben" } });
  const result = book.store.change({ type: "unblock", block: { account: BEN } });
  expect(result).toMatchObject({ ok: false, why: { code: "person-blocked", person: { id: "ben" } } });
});

test("what loosens does not count where it cannot be saved", async () => {
  await using book = await makeBook();
  book.store.change({ type: "calling", calling: "off" });
  const before = book.store.book;
  book.place.close();
  const result = book.store.change({ type: "calling", calling: "on" });
  expect(result).toMatchObject({ ok: false, why: { code: "not-saved" } });
  expect(book.store.book).toBe(before);
});

test("what tightens holds even where it cannot be saved, and is saved as soon as the disk takes it", async () => {
  await using book = await makeBook();
  const { store, db } = book;
  db.exec("CREATE TRIGGER full BEFORE INSERT ON book_piece BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  const result = store.change({ type: "block", block: { unknown: true } });
  expect(result).toMatchObject({ ok: true, changed: true, unsaved: true });
  expect(store.book.blocks).toEqual([{ unknown: true }]);
  book.place.clock.advance(60_000);
  expect(store.isUnsaved).toBe(true);
  db.exec("DROP TRIGGER full");
  book.place.clock.advance(10_000);
  expect(store.isUnsaved).toBe(false);
  expect(book.reopen().book).toMatchObject({ blocks: [{ unknown: true }] });
});
