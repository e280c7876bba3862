import { expect, test } from "vitest";
import { type Block, type Book, emptyBook } from "#device/gate/book.ts";
import { decide } from "#device/gate/decide.ts";
import { lookup } from "#device/gate/lookup.ts";
import { applyChange, type BookChange } from "#device/store/change.ts";
import { deletedAs, nameForm } from "#device/store/deleted.ts";
import { callFrom, NOON, testSeal } from "#test/house/books.ts";
import { account, OWNER } from "./fixtures.ts";

const DAVE = account("dave");
const OLD = account("dave's old phone");
const EVE = account("eve");
const MOBILE = "+5491123456789";
const SAME_LINE = "+541123456789";
const HOME = "+442079460018";

const EMPTY = emptyBook(OWNER, "GB", "Europe/London", testSeal);
const addDave: BookChange = {
  type: "add-person",
  name: "Dave Miller",
  aliases: ["Davey"],
  accounts: [DAVE, OLD],
  numbers: [MOBILE, HOME],
  addresses: ["Dave@Example.org"],
  grants: ["ring"],
};
const removeDave: BookChange = { type: "remove-person", person: "dave-miller", atMs: 1_000 };
const blockDave: BookChange = { type: "block", block: { person: "dave-miller" } };

function after(book: Book, ...changes: BookChange[]): Book {
  return changes.reduce((before, change) => {
    const applied = applyChange(before, change);
    if (!applied.ok) throw new Error(`${change.type}: ${applied.why.code}`);
    return applied.book;
  }, book);
}

const gone = after(EMPTY, addDave, removeDave);
const goneBlocked = after(EMPTY, addDave, blockDave, removeDave);

function verdictFor(book: Book, from: string | null, number?: string): string {
  const claim = number === undefined ? {} : { number: { readings: [number], attested: null } };
  return decide({ ...callFrom("", { to: OWNER }), from, ...claim }, book, NOON).because;
}

test("nothing that names somebody is left in the book once they are deleted, blocked or not", () => {
  for (const book of [gone, goneBlocked]) {
    const text = JSON.stringify(book);
    for (const word of [DAVE, OLD, MOBILE, SAME_LINE, HOME, "Dave", "dave", "Miller", "xample"]) {
      expect(text).not.toContain(word);
    }
    expect(book.deleted).toHaveLength(1);
  }
  expect(JSON.stringify(after(EMPTY, addDave))).toContain("Dave");
});

test("whoever was blocked when they were deleted stays blocked, by every account and every spelling of a number", () => {
  for (const from of [DAVE, OLD]) expect(verdictFor(goneBlocked, from)).toBe("blocked");
  for (const number of [MOBILE, SAME_LINE, HOME]) expect(verdictFor(goneBlocked, null, number)).toBe("blocked");
  for (const from of [DAVE, OLD]) expect(verdictFor(gone, from)).toBe("unknown");
  expect(verdictFor(goneBlocked, EVE)).toBe("unknown");
  expect(verdictFor(goneBlocked, null, "+442079460019")).toBe("unknown");
});

test("a group with somebody who was blocked and deleted is dropped", () => {
  const request = callFrom(EVE, { to: OWNER, kind: "group-call", members: [EVE, OLD] });
  expect(decide(request, goneBlocked, NOON)).toMatchObject({ act: "drop", because: "blocked-member" });
  expect(decide(request, gone, NOON)).toMatchObject({ because: "unknown" });
});

test.each<[string, BookChange[], boolean]>([
  ["a block on one account", [{ type: "block", block: { account: DAVE } }], true],
  ["a block on one number", [{ type: "block", block: { number: SAME_LINE } }], true],
  ["a block on the prefix of a number", [{ type: "block", block: { prefix: "+4420" } }], true],
  ["no block", [], false],
])("%s covers all that the deleted person had", (_, blocks, isBlocked) => {
  const book = after(EMPTY, addDave, ...blocks, removeDave);
  expect(lookup(book).blocked(OLD)).toBe(isBlocked);
  expect(lookup(book).numberBlocked(MOBILE)).toBe(isBlocked);
});

test.each<[string, Block]>([
  ["an account", { account: OLD }],
  ["a number", { number: HOME }],
  ["a number in another spelling", { number: SAME_LINE }],
])("%s of theirs lifts the block on somebody deleted, and no import brings them back by that", (_, block) => {
  const free = after(goneBlocked, { type: "unblock", block });
  for (const from of [DAVE, OLD]) expect(verdictFor(free, from)).toBe("unknown");
  expect(deletedAs(free, { name: "Dave Miller", aliases: [], accounts: [], numbers: [], addresses: [] })).toHaveLength(
    1,
  );
});

test("what was never theirs lifts nothing, and neither is there anything to lift for whoever was not blocked", () => {
  const again = applyChange(gone, { type: "unblock", block: { account: DAVE } });
  expect(again).toMatchObject({ ok: false, why: { code: "not-blocked" } });
  const applied = applyChange(goneBlocked, { type: "unblock", block: { account: EVE } });
  expect(applied).toMatchObject({ ok: false, why: { code: "not-blocked" } });
});

test.each<[string, BookChange]>([
  ["an account", { type: "add-account", person: "eve", account: OLD }],
  ["a number", { type: "add-number", person: "eve", number: SAME_LINE }],
])("a friend who is given %s of somebody blocked and deleted is blocked with all of theirs", (_, change) => {
  const eve: BookChange = { type: "add-person", name: "Eve", accounts: [EVE], grants: ["ring"] };
  expect(verdictFor(after(gone, eve, change), EVE)).toBe("granted");
  const book = after(goneBlocked, eve, change);
  expect(verdictFor(book, EVE)).toBe("blocked");
  expect(verdictFor(book, DAVE)).toBe("blocked");
  expect(verdictFor(after(book, { type: "unblock", block: { person: "eve" } }), DAVE)).toBe("blocked");
});

test("the owner who adds somebody by name has them back, is told, and has them blocked if they were", () => {
  const back = applyChange(gone, addDave);
  expect(back).toMatchObject({ ok: true, back: true, book: { deleted: [], blocks: [] } });
  const blocked = applyChange(goneBlocked, { ...addDave, accounts: [DAVE], numbers: [] });
  if (!blocked.ok) throw new Error(blocked.why.code);
  expect(blocked).toMatchObject({ back: true, book: { blocks: [{ person: "dave-miller" }] } });
  for (const from of [DAVE, OLD]) expect(verdictFor(blocked.book, from)).toBe("blocked");
  expect(verdictFor(after(blocked.book, { type: "unblock", block: { person: "dave-miller" } }), DAVE)).toBe("granted");
});

test("somebody else of that name is not taken for whoever was deleted", () => {
  const other = applyChange(goneBlocked, {
    type: "add-person",
    name: "Dave Miller",
    accounts: [EVE],
    grants: ["ring"],
  });
  if (!other.ok) throw new Error(other.why.code);
  expect(other.back).toBeUndefined();
  expect(verdictFor(other.book, EVE)).toBe("granted");
  expect(verdictFor(other.book, DAVE)).toBe("blocked");
});

test.each([
  ["Dave Miller", "MILLER, Dave"],
  ["José Ángel", "jose angel"],
  ["Ｄａｖｅ", "dave"],
])("%s and %s are one name", (one, other) => {
  expect(nameForm(one)).toBe(nameForm(other));
});

test("what is taken from somebody blocked stays blocked, and so do they", () => {
  const byNumber: BookChange = { type: "block", block: { number: HOME } };
  for (const block of [blockDave, byNumber]) {
    const book = after(EMPTY, addDave, block, { type: "remove-number", person: "dave-miller", number: HOME });
    expect(book.people[0]?.numbers).toEqual([MOBILE]);
    expect(lookup(book).numberBlocked(HOME)).toBe(true);
    for (const from of [DAVE, OLD]) expect(verdictFor(book, from)).toBe("blocked");
  }
  const unlinked = after(EMPTY, addDave, blockDave, { type: "remove-account", person: "dave-miller", account: OLD });
  expect(verdictFor(unlinked, OLD)).toBe("blocked");
  const free = after(EMPTY, addDave, { type: "remove-account", person: "dave-miller", account: OLD });
  expect(verdictFor(free, OLD)).toBe("unknown");
  expect(verdictFor(free, DAVE)).toBe("granted");
  const nothing = applyChange(free, { type: "remove-account", person: "dave-miller", account: OLD });
  expect(nothing).toMatchObject({ ok: false, why: { code: "not-linked" } });
});

test("a number that is blocked by itself and by who was deleted is blocked once, also when it is given to somebody", () => {
  const blocked = after(goneBlocked, { type: "block", block: { number: HOME } }, { type: "add-person", name: "Eve" });
  const given = after(blocked, { type: "add-number", person: "eve", number: HOME });
  expect(given.blocks).toEqual([{ number: HOME }]);
});
