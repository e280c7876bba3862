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

/** As every unit wrote them before: entry by entry. */
const oldPeople = {
  id: ["ben", "eve"],
  name: ["Ben \t\n Über 你好", "Eve"],
  aliases: [["Benny", "0"], "E"],
  accounts: [[BEN, account("ana")], 0],
  numbers: ["+442079460018", ["12", "+44207"]],
  addresses: ["ben@example.org", 0],
  grants: ['["ring","drop-in"]', "[]"],
  hours: ['[{"grant":"ring","fromMinute":5,"toMinute":60,"days":["sun"]}]', "[]"],
};
const oldBlocks = {
  kind: ["person", "account", "number", "prefix", "withheld", "unknown"],
  target: ["ben", BEN, "12", "+44909", "", ""],
};

test("people and blocks are read that a unit of before wrote", () => {
  expect(LISTS.people.read(oldPeople)).toEqual(people);
  expect(LISTS.blocks.read(oldBlocks)).toEqual(blocks);
});

test("whatever stands in a name or an id, it is read as it was written", () => {
  const texts = fc.string({ minLength: 1, unit: fc.constantFrom("a", ",", "\x7f", "\0", '"', "é", "你", "\n", " ") });
  fc.assert(
    fc.property(fc.array(fc.record({ id: texts, name: texts, aliases: fc.array(texts) })), (some) => {
      const made = some.map((each) => ({ ...people[1], ...each })) as Book["people"];
      expect(LISTS.people.read(written(LISTS.people.write(made)))).toEqual(made);
      const blocked = some.map(({ id }) => ({ person: id }));
      expect(LISTS.blocks.read(written(LISTS.blocks.write(blocked)))).toEqual(blocked);
    }),
  );
});

const Q = BEN.replace(/.$/, "q");

test.each<[string, string]>([
  ["51 letters", BEN.slice(1)],
  ["53 letters", `a${BEN}`],
  ["a letter that base32 has not", `1${BEN.slice(1)}`],
  ["a capital", `A${BEN.slice(1)}`],
  ["more bits than a key has", BEN.replace(/.$/, "b")],
  ["a comma in it", `${BEN.slice(0, 20)},${BEN.slice(21)}`],
  ["a number's plus", `+${BEN.slice(1)}`],
])("an account of %s is none, in a column of accounts and among blocks", (_, wrong) => {
  const column = (one: string) => ({ ...Object(written(LISTS.people.write(people))), accounts: `${one}\x7f` });
  expect(() => LISTS.people.read(column(wrong))).toThrow();
  expect(LISTS.people.read(column(Q))[0]?.accounts).toEqual([Q]);
  const block = (one: string) => ({ ...Object(written(LISTS.blocks.write([{ account: BEN }]))), account: one });
  expect(() => LISTS.blocks.read(block(wrong))).toThrow();
  expect(LISTS.blocks.read(block(Q))).toEqual([{ account: Q }]);
});

test.each([
  "+0123456789",
  "++44123456",
  "44+1234567",
  "+",
  "+4",
  "1".repeat(41),
  "+44 1234567",
  "+44a234567",
  "+1,2+3456",
])("%s is no number, in a column of numbers and among blocks", (wrong) => {
  const column = (one: string) => ({ ...Object(written(LISTS.people.write(people))), numbers: `${one}\x7f` });
  expect(() => LISTS.people.read(column(wrong))).toThrow();
  expect(LISTS.people.read(column("+44123456"))[0]?.numbers).toEqual(["+44123456"]);
  const block = (one: string) => ({ ...Object(written(LISTS.blocks.write([{ number: "12" }]))), number: one });
  expect(() => LISTS.blocks.read(block(wrong))).toThrow();
  expect(LISTS.blocks.read(block("+44123456"))).toEqual([{ number: "+44123456" }]);
});

test.each<[string, object]>([
  ["a block too few", { account: [] }],
  ["a block too many", { account: `${BEN}\x7f${BEN}` }],
  ["a kind that nobody knows", { kind: { of: ["all"], at: [0] } }],
  ["a kind that is not written", { kind: { of: ["account"], at: [1] } }],
  ["a kind before the first", { kind: { of: ["account"], at: [-1] } }],
  ["a kind by its name", { kind: { of: ["account"], at: ["length"] } }],
])("blocks of which there is %s are not read at all", (_, damage) => {
  const one = written(LISTS.blocks.write([{ account: BEN }]));
  expect(LISTS.blocks.read(one)).toEqual([{ account: BEN }]);
  expect(() => LISTS.blocks.read({ ...Object(one), ...damage })).toThrow();
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
