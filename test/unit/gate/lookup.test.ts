import fc from "fast-check";
import { expect, test } from "vitest";
import type { Block, Book, Person } from "#device/gate/book.ts";
import { differences } from "#device/gate/differences.ts";
import { LayeredMap } from "#device/gate/layered-map.ts";
import { lookup } from "#device/gate/lookup.ts";
import { bookWith } from "#test/house/books.ts";
import { ACCOUNTS, blocks, books, NUMBERS } from "./arbitrary.ts";

type Edit = (book: Book) => Book;

/** A place in a list, wherever it ends. */
const place = fc.nat(1_000);

function without<Item>(list: readonly Item[], at: number): readonly Item[] {
  return list.filter((_, index) => index !== at % Math.max(1, list.length));
}

const edits: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(books, place).map(
    ([other, at]): Edit =>
      (book) => ({ ...book, people: [...other.people, ...without(book.people, at)] }),
  ),
  books.map(
    (other): Edit =>
      (book) => ({ ...book, people: [...book.people, ...other.people] }),
  ),
  place.map(
    (at): Edit =>
      (book) => ({ ...book, people: without(book.people, at) }),
  ),
  fc.tuple(place, fc.subarray(ACCOUNTS), fc.subarray(NUMBERS)).map(
    ([at, accounts, numbers]): Edit =>
      (book) => ({
        ...book,
        people: book.people.map((each, index) =>
          index === at % book.people.length ? { ...each, accounts, numbers } : each,
        ),
      }),
  ),
  blocks.map(
    (block): Edit =>
      (book) => ({ ...book, blocks: [...book.blocks, block] }),
  ),
  place.map(
    (at): Edit =>
      (book) => ({ ...book, blocks: without(book.blocks, at) }),
  ),
  fc.constant<Edit>((book) => ({ ...book, blocks: book.blocks.toReversed(), people: book.people.toReversed() })),
);

/** All that can be asked of it, in one value; the order of several who share a key says nothing. */
function answersOf(book: Book) {
  const known = lookup(book);
  const idsOf = (people: readonly Person[]) =>
    people.map((person) => book.people.indexOf(person)).toSorted((a, b) => a - b);
  return {
    accounts: ACCOUNTS.map((each) => [idsOf(known.withAccount(each)), known.blocked(each), known.person(each)?.id]),
    numbers: NUMBERS.map((each) => [idsOf(known.withNumber(each)), known.numberBlocked(each)]),
    people: book.people.map((each) => known.personBlocked(each)),
    rest: [known.isAnyAccountShared, known.unknownBlocked, known.withheldBlocked],
  };
}

test("after any changes the index that was carried along answers exactly as one that is built anew", () => {
  fc.assert(
    fc.property(books, fc.array(edits, { maxLength: 12 }), (first, walk) => {
      let book = first;
      lookup(book);
      for (const edit of walk) {
        const next = edit(book);
        // The numbers' index is made when first it is asked: by some of the books on the way, and not by others.
        if (walk.indexOf(edit) % 2 === 1) lookup(book).withNumber(NUMBERS[0] ?? "");
        lookup(next, book);
        if (walk.indexOf(edit) % 3 === 2) expect(answersOf(next)).toEqual(answersOf({ ...next }));
        book = next;
      }
      expect(answersOf(book)).toEqual(answersOf({ ...book }));
      // What an earlier book answered it answers still.
      expect(answersOf(first)).toEqual(answersOf({ ...first }));
    }),
    { numRuns: 300 },
  );
});

test("an index of many that changed a thousand times answers as one that is built anew", () => {
  const people = Array.from({ length: 500 }, (_, at): Person => {
    const [ana] = bookWith().people;
    if (!ana) throw new Error("nobody");
    return { ...ana, id: `p-${at}`, accounts: [`account-${at}`], numbers: [`+44770090${1_000 + at}`] };
  });
  let book = bookWith({ people });
  lookup(book);
  for (let at = 0; at < 1_000; at += 1) {
    const block: Block =
      at % 2 === 0 ? { account: `account-${at % 700}` } : { number: `+44770090${1_000 + (at % 700)}` };
    const changed = book.people.map((each, index) => (index === (at * 7) % 500 ? { ...each, name: `${at}` } : each));
    const next = { ...book, people: changed, blocks: at % 3 === 0 ? book.blocks.slice(1) : [...book.blocks, block] };
    lookup(next, book);
    book = next;
  }
  const [carried, anew] = [lookup(book), lookup({ ...book })];
  for (const { accounts, numbers } of book.people) {
    for (const account of accounts) {
      expect(carried.person(account)).toBe(anew.person(account));
      expect(carried.blocked(account)).toBe(anew.blocked(account));
    }
    for (const number of numbers) expect(carried.numberBlocked(number)).toBe(anew.numberBlocked(number));
  }
});

test("the differences of two lists make the one of the other, whatever they are", () => {
  const list = fc.array(fc.nat(20), { maxLength: 60 });
  fc.assert(
    fc.property(list, list, (before, after) => {
      const made = [...before];
      for (const { at, gone, come } of differences(before, after).toReversed()) {
        expect(made.slice(at, at + gone.length)).toEqual(gone);
        made.splice(at, gone.length, ...come);
      }
      expect(made).toEqual(after);
    }),
  );
});

test("a map that was edited leaves the one before as it was, and knows every key of its own", () => {
  const step = fc.tuple(fc.nat(30).map(String), fc.option(fc.nat(), { nil: null }));
  fc.assert(
    fc.property(fc.array(fc.array(step, { maxLength: 20 }), { maxLength: 10 }), (rounds) => {
      let map = new LayeredMap<number>();
      const plain = new Map<string, number>();
      for (const round of rounds) {
        const [old, held] = [map, new Map(plain)];
        const edit = map.edit();
        for (const [key, value] of round) {
          if (value === null) edit.delete(key);
          else edit.set(key, value);
          if (value === null) plain.delete(key);
          else plain.set(key, value);
          expect(edit.get(key)).toBe(plain.get(key));
        }
        map = edit.done();
        expect(new Set(map.keys())).toEqual(new Set(plain.keys()));
        for (let key = 0; key <= 30; key += 1) {
          expect(map.get(String(key))).toBe(plain.get(String(key)));
          expect(old.get(String(key))).toBe(held.get(String(key)));
        }
      }
    }),
  );
});
