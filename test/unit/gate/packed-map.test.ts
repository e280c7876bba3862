import fc from "fast-check";
import { expect, test } from "vitest";
import type { Person } from "#device/gate/book.ts";
import { lookup } from "#device/gate/lookup.ts";
import { PackedMap } from "#device/gate/packed-map.ts";
import { bookWith, mallory } from "#test/house/books.ts";

/** Alike at both ends, or not at all. */
const keys = fc.uniqueArray(
  fc.oneof(
    fc.string(),
    fc.string({ maxLength: 3 }).map((middle) => `abcdefgh${middle}stuvwxyz`),
    fc.nat(50).map((number) => `+4477${number}`),
  ),
  { maxLength: 400 },
);

test("a packed map answers as a map does, for keys that it has and for others", () => {
  fc.assert(
    fc.property(keys, keys, (some, others) => {
      const packed = new PackedMap<number>(some.length);
      const plain = new Map<string, number>();
      for (const [value, key] of some.entries()) {
        expect(packed.add(key, value)).toBe(true);
        plain.set(key, value);
      }
      for (const key of some) expect(packed.add(key, -1)).toBe(false);
      for (const key of [...some, ...others])
        expect([packed.get(key), packed.has(key)]).toEqual([plain.get(key), plain.has(key)]);
      expect([packed.size, [...packed.keys()]]).toEqual([plain.size, [...plain.keys()]]);
    }),
  );
});

test("it takes no more keys than it was made for, and all of those", () => {
  for (const count of [0, 1, 2, 3, 7, 8, 100, 127, 128, 1_000]) {
    const packed = new PackedMap<number>(count);
    for (let key = 0; key < count; key += 1) expect(packed.add(`key ${key}`, key)).toBe(true);
    expect(() => packed.add("one more", 0)).toThrow();
    for (let key = 0; key < count; key += 1) expect(packed.get(`key ${key}`)).toBe(key);
    expect(packed.get("one more")).toBeUndefined();
  }
});

/** Alike to a packed map, which reads eight characters at either end. */
const alike = (number: number) => `abcdefgh${number}stuvwxyz`;

test("keys that were chosen to be alike are given up soon, and a book of them is read and decided by all the same", () => {
  const packed = new PackedMap<number>(20_000);
  let taken = 0;
  while (taken < 20_000 && packed.add(alike(taken), taken)) taken += 1;
  expect(taken).toBeLessThan(2_000);
  for (let key = 0; key < taken; key += 1) expect(packed.get(alike(key))).toBe(key);
  expect(packed.get(alike(taken))).toBeUndefined();
  const people = Array.from({ length: 5_000 }, (_, at): Person => {
    return { ...mallory, id: alike(at), accounts: [alike(at)], numbers: [`${alike(at)} number`] };
  });
  const blocks = people.slice(0, 2_500).map(({ accounts: [account = ""] }) => ({ account }));
  const known = lookup(bookWith({ people, blocks }));
  expect(people.every((person, at) => known.person(alike(at)) === person)).toBe(true);
  expect(people.every((person, at) => known.withNumber(`${alike(at)} number`)[0] === person)).toBe(true);
  expect(people.map((_, at) => known.blocked(alike(at)))).toEqual(people.map((_, at) => at < 2_500));
  expect(known.isAnyAccountShared).toBe(false);
});
