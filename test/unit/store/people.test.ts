import { expect, test } from "vitest";
import { type Book, emptyBook } from "#device/gate/book.ts";
import { decide } from "#device/gate/decide.ts";
import { lookup } from "#device/gate/lookup.ts";
import { applyChange, type BookChange } from "#device/store/change.ts";
import { callFrom, NOON, testSeal } from "#test/house/books.ts";
import { account, OWNER } from "./fixtures.ts";

const BEN = account("ben");
const BEN_OLD = account("ben's old phone");
const EVE = account("eve");
const HOME = "+442079460018";
const MOBILE = "+447700900123";

/** The book after these changes, each of which must be taken. */
function after(...changes: BookChange[]): Book {
  return changes.reduce(
    (book, change) => {
      const applied = applyChange(book, change);
      if (!applied.ok) throw new Error(`${change.type}: ${applied.why.code}`);
      return applied.book;
    },
    emptyBook(OWNER, "GB", "Europe/London", testSeal),
  );
}

function refusalOf(book: Book, change: BookChange): string {
  const applied = applyChange(book, change);
  return applied.ok ? "none" : applied.why.code;
}

function verdictFor(book: Book, from: string): string {
  const { act, because } = decide(callFrom(from, { to: OWNER }), book, NOON);
  return `${act} ${because}`;
}

const addBen: BookChange = { type: "add-person", name: "Ben", accounts: [BEN], numbers: [HOME], grants: ["ring"] };
const addEve: BookChange = { type: "add-person", name: "Eve", accounts: [EVE], numbers: [MOBILE], grants: ["message"] };

test("what is linked to a blocked person later is blocked too", () => {
  const book = after(
    addBen,
    { type: "block", block: { person: "ben" } },
    { type: "add-account", person: "ben", account: BEN_OLD },
    { type: "add-number", person: "ben", number: MOBILE },
  );
  expect(verdictFor(book, BEN_OLD)).toBe("drop blocked");
  expect(lookup(book).numberBlocked(MOBILE)).toBe(true);
});

test.each<[string, BookChange]>([
  ["an account that is blocked", { type: "add-account", person: "ben", account: EVE }],
  ["a number that is blocked", { type: "add-number", person: "ben", number: MOBILE }],
  ["a number with a blocked prefix", { type: "add-number", person: "ben", number: "+44909123456" }],
])("linking %s to a friend blocks the friend", (_, change) => {
  const blocks: BookChange[] = [
    { type: "block", block: { account: EVE } },
    { type: "block", block: { number: MOBILE } },
    { type: "block", block: { prefix: "+44909" } },
  ];
  expect(verdictFor(after(addBen, ...blocks), BEN)).toBe("admit granted");
  expect(verdictFor(after(addBen, ...blocks, change), BEN)).toBe("drop blocked");
});

test.each<[string, BookChange]>([
  ["the one who is merged, by name", { type: "block", block: { person: "eve" } }],
  ["the one who stays, by name", { type: "block", block: { person: "ben" } }],
  ["an account of the one", { type: "block", block: { account: EVE } }],
  ["a number of the other", { type: "block", block: { number: HOME } }],
])("merging two people where a block is on %s makes one who is blocked", (_, block) => {
  const merged = after(addBen, addEve, block, { type: "merge-people", person: "eve", into: "ben" });
  expect(merged.people).toMatchObject([{ id: "ben", accounts: [BEN, EVE], numbers: [HOME, MOBILE], aliases: ["Eve"] }]);
  for (const from of [BEN, EVE]) expect(verdictFor(merged, from)).toBe("drop blocked");
});

test("a merge keeps the grants of the one who stays, and adds none", () => {
  const merged = after(addBen, addEve, { type: "merge-people", person: "ben", into: "eve" });
  expect(merged.people).toMatchObject([{ id: "eve", grants: ["message"] }]);
  for (const from of [BEN, EVE]) expect(verdictFor(merged, from)).toBe("hold not-granted");
});

test("nobody takes over an exception from quiet hours with the id of somebody who is gone", () => {
  const quietHours = [{ fromMinute: 0, toMinute: 0, days: ["mon"], except: ["ben"] }] as const;
  const book = after(
    addBen,
    { type: "quiet-hours", quietHours },
    { type: "remove-person", person: "ben", atMs: 0 },
    addBen,
  );
  expect(book.people).toMatchObject([{ id: "ben" }]);
  expect(verdictFor(book, BEN)).toBe("take-message quiet-hours");
  const kept = after(addBen, { type: "quiet-hours", quietHours });
  expect(verdictFor(kept, BEN)).toBe("admit granted");
});

test("removing a blocked person keeps their numbers blocked as well as their accounts", () => {
  const book = after(
    addBen,
    { type: "block", block: { person: "ben" } },
    { type: "remove-person", person: "ben", atMs: 0 },
  );
  expect(verdictFor(book, BEN)).toBe("drop blocked");
  expect(lookup(book).numberBlocked(HOME)).toBe(true);
});

test("unblocking a person lifts what covers them by account or number, but not a prefix that covers others", () => {
  const blocked = after(addBen, { type: "block", block: { number: HOME } }, { type: "block", block: { account: BEN } });
  const free = applyChange(blocked, { type: "unblock", block: { person: "ben" } });
  expect(free).toMatchObject({ ok: true, book: { blocks: [] } });
  const wide = after(addBen, { type: "block", block: { prefix: "+4420" } });
  expect(refusalOf(wide, { type: "unblock", block: { person: "ben" } })).toBe("prefix-blocked");
  expect(refusalOf(wide, { type: "unblock", block: { number: "+442079460099" } })).toBe("prefix-blocked");
  expect(refusalOf(blocked, { type: "unblock", block: { number: HOME } })).toBe("person-blocked");
});

test("a number is one line however it is spelt: blocked, unblocked and found so", () => {
  const book = after({ type: "block", block: { number: "+5491123456789" } });
  const again = applyChange(book, { type: "block", block: { number: "+541123456789" } });
  expect(again).toMatchObject({ ok: true, changed: false });
  expect(applyChange(book, { type: "unblock", block: { number: "+541123456789" } })).toMatchObject({
    ok: true,
    book: { blocks: [] },
  });
});

test.each<[string, BookChange, string]>([
  ["a number that somebody else has", { type: "add-number", person: "eve", number: HOME }, "number-taken"],
  ["a number that is not a key", { type: "add-number", person: "ben", number: "020 7946 0018" }, "bad-number"],
  ["an address that is none", { type: "add-address", person: "ben", address: "ben at home" }, "bad-address"],
  ["an address with a line in it", { type: "add-address", person: "ben", address: "a@b\nc" }, "bad-address"],
  ["a merge with oneself", { type: "merge-people", person: "ben", into: "ben" }, "same-person"],
  ["a merge with nobody", { type: "merge-people", person: "ben", into: "dan" }, "no-such-person"],
  ["a block on no prefix", { type: "block", block: { prefix: "+" } }, "bad-number"],
  ["a block on no number", { type: "block", block: { number: "anonymous" } }, "bad-number"],
  ["hidden numbers never blocked", { type: "unblock", block: { withheld: true } }, "not-blocked"],
  ["no such time zone", { type: "time-zone", timeZone: "Europe/Lundon" }, "bad-time-zone"],
  ["no such region", { type: "region", region: "uk" }, "bad-region"],
  [
    "an exception for nobody",
    { type: "quiet-hours", quietHours: [{ fromMinute: 0, toMinute: 1, days: ["mon"], except: ["dan"] }] },
    "no-such-person",
  ],
  [
    "hours on no day",
    { type: "own-hours", person: "ben", hours: [{ grant: "ring", fromMinute: 0, toMinute: 1, days: [] }] },
    "bad-hours",
  ],
  [
    "hours past midnight",
    { type: "own-hours", person: "ben", hours: [{ grant: "ring", fromMinute: 0, toMinute: 1_441, days: ["mon"] }] },
    "bad-hours",
  ],
])("%s is refused with a reason", (_, change, code) => {
  expect(refusalOf(after(addBen, addEve), change)).toBe(code);
});
