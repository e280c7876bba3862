import fc from "fast-check";
import { type Block, type Book, emptyBook, type Grant, type Person, type Window } from "#device/gate/book.ts";
import type { Now, Request } from "#device/gate/decide.ts";
import { ANA, ANAS_OLD_PHONE, accountOf, MALLORY, OWNER, STRANGER, testSeal } from "#test/house/books.ts";

/** Few of each, so that what is drawn meets. */
export const ACCOUNTS = [ANA, ANAS_OLD_PHONE, MALLORY, STRANGER, accountOf("eve")];
export const NUMBERS = ["+442079460018", "+442179460018", "+447700900123", "+5491123456789", "+541123456789", "12345"];
const GRANTS: readonly Grant[] = ["ring", "message", "announce", "drop-in"];
const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const IDS = ["p0", "p1", "p2", "p3"];

/** Mostly such as get far down the table: what fails at its top has rows of its own. */
const mostly = <T>(usual: T, ...others: T[]) => fc.constantFrom(usual, usual, usual, usual, ...others);

const minute = fc.integer({ min: 0, max: 1_440 });
const window: fc.Arbitrary<Window> = fc.record({
  fromMinute: minute,
  toMinute: minute,
  days: fc.subarray([...WEEK]),
});

function personOf(id: string): fc.Arbitrary<Person> {
  return fc.record({
    id: fc.constant(id),
    name: fc.constant(id),
    aliases: fc.constant([]),
    accounts: fc.subarray(ACCOUNTS, { maxLength: 2 }),
    numbers: fc.subarray(NUMBERS, { maxLength: 2 }),
    addresses: fc.constant([]),
    grants: fc.subarray([...GRANTS]),
    hours: fc.array(
      fc.tuple(window, fc.constantFrom(...GRANTS)).map(([hours, grant]) => ({ ...hours, grant })),
      { maxLength: 2 },
    ),
  });
}

export const blocks: fc.Arbitrary<Block> = fc.oneof(
  fc.constantFrom(...IDS).map((person) => ({ person })),
  fc.constantFrom(...ACCOUNTS).map((account) => ({ account })),
  fc.constantFrom(...NUMBERS).map((number) => ({ number })),
  fc.constantFrom("+44", "+4420", "+54", "+549", "+1").map((prefix) => ({ prefix })),
  fc.constantFrom<Block>({ withheld: true }, { unknown: true }),
);

/** Also books that no unit would write: one account with two people, a block on nobody, a zone that does not exist. */
export const books: fc.Arbitrary<Book> = fc
  .record({
    calling: mostly<Book["calling"]>("on", "off"),
    unknown: fc.constantFrom<Book["unknown"]>("hold", "drop"),
    kids: fc.boolean(),
    timeZone: fc.constantFrom("UTC", "Europe/London", "Asia/Kathmandu", "No/Where"),
    people: fc.subarray(IDS).chain((ids) => fc.tuple(...ids.map(personOf))),
    blocks: fc.array(blocks, { maxLength: 3 }),
    quietHours: fc.array(
      fc.tuple(window, fc.subarray(IDS)).map(([hours, except]) => ({ ...hours, except })),
      { maxLength: 2 },
    ),
  })
  .map((fields) => ({ ...emptyBook(OWNER, "GB", "UTC", testSeal), ...fields }));

export const requests: fc.Arbitrary<Request> = fc
  .record({
    kind: fc.constantFrom<Request["kind"]>("call", "message", "announce", "drop-in", "group-call", "reply"),
    from: fc.option(fc.constantFrom(...ACCOUNTS)),
    to: mostly(OWNER, ANA),
    signature: mostly<Request["signature"]>("valid", "invalid", "missing"),
    replayed: mostly(false, true),
    fresh: fc.boolean(),
    awaited: fc.boolean(),
    withheld: mostly(false, true),
    members: fc.subarray(ACCOUNTS, { maxLength: 2 }),
    number: fc.option(
      fc.record({
        readings: fc.subarray(NUMBERS, { minLength: 1, maxLength: 2 }),
        attested: fc.option(fc.constantFrom(...NUMBERS)),
      }),
      { nil: undefined },
    ),
  })
  .map(({ number, ...rest }) => ({ envelope: "00".repeat(16), ...rest, ...(number && { number }) }));

export const moments: fc.Arbitrary<Now> = fc.record({
  atMs: mostly(1.7e12, Number.NaN, -1, 8.64e15).chain((odd) =>
    odd === 1.7e12 ? fc.integer({ min: 1.7e12, max: 1.9e12 }) : fc.constant(odd),
  ),
  clockTrusted: mostly(true, false),
});
