import fc from "fast-check";
import { expect, test } from "vitest";
import type { Book } from "#device/gate/book.ts";
import { LISTS } from "#device/store/book-lists.ts";
import { repiece } from "#device/store/book-pieces.ts";
import { account } from "./fixtures.ts";

const BEN = account("ben");
const people: Book["people"] = [
  {
    id: "ben",
    name: "Ben \t\n Über 你好",
    aliases: ["Benny", "0"],
    accounts: [BEN, account("ana")],
    numbers: ["+442079460018"],
    addresses: ["ben@example.org"],
    grants: ["ring", "drop-in"],
    hours: [{ grant: "ring", fromMinute: 5, toMinute: 60, days: ["sun"] }],
  },
  {
    id: "eve",
    name: "Eve",
    aliases: ["E"],
    accounts: [],
    numbers: ["12", "+44207"],
    addresses: [],
    grants: [],
    hours: [],
  },
];
const blocks: Book["blocks"] = [
  { person: "ben" },
  { account: BEN },
  { number: "12" },
  { prefix: "+44909" },
  { withheld: true },
  { unknown: true },
];

function written(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

test("people and blocks are read as they were written", () => {
  expect(LISTS.people.read(written(LISTS.people.write(people)))).toEqual(people);
  expect(LISTS.blocks.read(written(LISTS.blocks.write(blocks)))).toEqual(blocks);
});

test.each<[string, object]>([
  ["an account that is none", { accounts: ["x", 0] }],
  ["a list of what is none", { accounts: [[BEN, "x"], 0] }],
  ["a number that is none", { numbers: ["Ben", 0] }],
  ["two numbers of which one is none", { numbers: [["+442079460018", "1-2"], 0] }],
  ["a grant that does not exist", { grants: ['["admin"]', "[]"] }],
  ["grants that are no JSON", { grants: ["[", "[]"] }],
  ["hours of nowhere", { hours: ['[{"grant":"ring","fromMinute":-1,"toMinute":5,"days":[]}]', "[]"] }],
  ["an address that is none", { addresses: ["ben", 0] }],
  ["somebody without an id", { id: ["", "eve"] }],
  ["a name that is none", { name: [7, "Eve"] }],
  ["a column that ends early", { name: ["Ben"] }],
  ["a column too many", { more: [] }],
  ["a column that is none", { name: "Ben" }],
])("people with %s are not read at all", (_, damage) => {
  expect(() => LISTS.people.read(Object.assign({}, LISTS.people.write(people), damage))).toThrow();
});

test.each<[string, unknown]>([
  ["a kind that nobody knows", { kind: ["all"], target: [""] }],
  ["an account that is none", { kind: ["account"], target: ["x"] }],
  ["no number", { kind: ["number"], target: ["+"] }],
  ["no prefix", { kind: ["prefix"], target: [""] }],
  ["nobody", { kind: ["person"], target: [null] }],
  ["no target", { kind: ["unknown"], target: [] }],
  ["no columns", []],
])("blocks on %s are not read at all", (_, content) => {
  expect(() => LISTS.blocks.read(content)).toThrow();
});

test("whatever becomes of a list, its pieces put together are the list, and what did not change is not written", () => {
  const list = fc.uniqueArray(fc.nat(5_000), { maxLength: 900 });
  const edit = fc.oneof(
    fc.tuple(fc.nat(), fc.nat(3)).map(([at, count]) => (items: readonly number[]) => {
      const start = items.length === 0 ? 0 : at % items.length;
      return [...items.slice(0, start), ...items.slice(start + count)];
    }),
    fc
      .tuple(fc.nat(), fc.array(fc.integer({ min: 5_001, max: 90_000 }), { maxLength: 700 }))
      .map(([at, more]) => (items: readonly number[]) => {
        const start = items.length === 0 ? 0 : at % (items.length + 1);
        return [...items.slice(0, start), ...more, ...items.slice(start)];
      }),
    fc.constant((items: readonly number[]) => items.toReversed()),
  );
  fc.assert(
    fc.property(list, fc.array(edit, { maxLength: 6 }), (first, edits) => {
      const stored = new Map<number, unknown>();
      let pieces: ReturnType<typeof repiece>["pieces"] = [];
      let before: readonly number[] = [];
      for (const after of [first, ...edits]) {
        const items: readonly number[] = typeof after === "function" ? after(before) : after;
        const next = repiece(pieces, before, items, (some) => some);
        for (const { number, content } of next.written) stored.set(number, JSON.parse(content.toString()));
        for (const number of next.gone) stored.delete(number);
        pieces = next.pieces;
        before = items;
        expect(pieces.flatMap(({ number }) => stored.get(number))).toEqual(items);
        expect(pieces.map(({ entries }) => entries)).toEqual(
          pieces.map(({ number }) => {
            const piece = stored.get(number);
            return Array.isArray(piece) ? piece.length : -1;
          }),
        );
        expect(stored.size).toBe(pieces.length);
        expect(Math.max(0, ...pieces.map(({ entries }) => entries))).toBeLessThanOrEqual(512);
      }
    }),
    { numRuns: 60 },
  );
  const many = Array.from({ length: 10_000 }, (_, at) => at);
  const { pieces } = repiece([], [], many, (some) => some);
  expect(repiece(pieces, many, many.with(5_000, -1), (some) => some).written).toHaveLength(1);
});
