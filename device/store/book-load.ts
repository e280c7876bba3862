import * as v from "valibot";
import type { AccountId, Block, Book, Grant, NumberKey, OwnHours, Person, SealOf } from "../gate/book.ts";
import { localTime } from "../gate/hours.ts";
import { lookup } from "../gate/lookup.ts";
import { AccountIdSchema } from "./account-id.ts";
import type { Place } from "./book.ts";
import type { Db } from "./db.ts";
import { loadDeleted } from "./deleted-rows.ts";
import { AddressSchema, NumberKeySchema, PrefixSchema } from "./keys.ts";

const Minute = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_440));
const Days = v.array(v.picklist(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]));
const GrantName = v.picklist(["ring", "message", "announce", "drop-in"]);
const Hours = v.array(v.strictObject({ grant: GrantName, fromMinute: Minute, toMinute: Minute, days: Days }));
const QuietHours = v.array(
  v.strictObject({ fromMinute: Minute, toMinute: Minute, days: Days, except: v.array(v.string()) }),
);
const NonEmpty = v.pipe(v.string(), v.nonEmpty());

function json<Schema extends v.GenericSchema>(schema: Schema) {
  return v.pipe(v.string(), v.parseJson(), schema);
}

const BookRow = v.strictObject({
  revision: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  calling: v.picklist(["on", "off"]),
  unknown: v.picklist(["hold", "drop"]),
  kids: v.pipe(
    v.picklist([0, 1]),
    v.transform((kids) => kids === 1),
  ),
  evidence: v.picklist(["keep", "drop"]),
  unverifiedOrigin: v.picklist(["admit", "drop"]),
  region: v.nullable(v.pipe(v.string(), v.regex(/^[A-Z]{2}$/))),
  timeZone: v.nullable(v.string()),
  quietHours: json(QuietHours),
});

/** Null where this owner has no book. Throws on anything that is not one. Budget 300 ms for 100,000 people and blocks. */
export function loadBook(db: Db, owner: AccountId, place: Place, seal: SealOf): Book | null {
  const row = db
    .prepare(
      `SELECT revision, calling, unknown, kids, evidence, unverified_origin AS unverifiedOrigin, region, time_zone AS timeZone, quiet_hours AS quietHours
       FROM book WHERE owner = ?`,
    )
    .get(owner);
  if (row === undefined) return null;
  const head = v.parse(BookRow, row);
  const region = head.region ?? place.region;
  const timeZone = head.timeZone ?? place.timeZone;
  if (localTime(timeZone, 0) === null) throw new Error("the book has a time zone that nobody knows");
  const people = loadPeople(db, owner);
  const blocks = loadBlocks(db, owner);
  const blocked = blocks.flatMap((block) => ("person" in block ? [block.person] : []));
  const ids = blocked.length === 0 ? null : new Set(people.map(({ id }) => id));
  if (ids && !blocked.every((id) => ids.has(id))) throw new Error("a block names nobody in the book");
  const deleted = loadDeleted(db, owner);
  const book = Object.freeze({ ...head, owner, region, timeZone, people, blocks, deleted, seal });
  // The index is made here, so that the first caller does not wait for it; it knows this too.
  if (lookup(book).isAnyAccountShared) throw new Error("an account stands with two people");
  return book;
}

function loadPeople(db: Db, owner: AccountId): readonly Person[] {
  // The "+" keeps SQLite from the index on owner, which would have it sort them all; a null is read faster than "[]".
  const rows = db
    .prepare(
      `SELECT id, name, nullif(aliases, '[]'), accounts, nullif(numbers, '[]'), nullif(addresses, '[]'),
         nullif(grants, '[]'), nullif(hours, '[]')
       FROM person WHERE +owner = ? ORDER BY position`,
    )
    .raw()
    .all(owner);
  return rows.map(toPerson);
}

/** What the schemas accept, but read ten times as fast: nearly every account and number looks like this. */
const ACCOUNT = /^[a-z2-7]{51}[aq]$/;
const E164 = /^\+[1-9]\d{6,14}$/;

const aliasesIn = listReader<string>(v.string());
const accountsIn = listReader<AccountId>(AccountIdSchema, ACCOUNT);
const numbersIn = listReader<NumberKey>(NumberKeySchema, E164);
const addressesIn = listReader<string>(AddressSchema);
const grantsIn = remembering(listReader<Grant>(GrantName));
const hoursIn = remembering((text): readonly OwnHours[] => v.parse(json(Hours), text));

function toPerson(row: unknown): Person {
  if (!Array.isArray(row)) throw new TypeError("a person is no row");
  const [id, name, aliases, accounts, numbers, addresses, grants, hours]: unknown[] = row;
  return {
    id: nonEmpty(id),
    name: nonEmpty(name),
    aliases: aliasesIn(aliases),
    accounts: accountsIn(accounts),
    numbers: numbersIn(numbers),
    addresses: addressesIn(addresses),
    grants: grantsIn(grants),
    hours: hoursIn(hours),
  };
}

function nonEmpty(text: unknown): string {
  return typeof text === "string" && text !== "" ? text : v.parse(NonEmpty, text);
}

const NONE: readonly never[] = Object.freeze([]);

/**
 * Reads a list kept as JSON. Nearly all are empty or hold one item in just one writing, which `single` recognises (and
 * thereby validates); those are 100,000 times the cost of parsing saved, which is most of the time to the first call.
 */
function listReader<T>(item: v.GenericSchema<unknown, T>, single?: RegExp): (text: unknown) => readonly T[] {
  const whole = json(v.array(item));
  return (text) => {
    if (text === null || text === "[]") return NONE;
    if (single && typeof text === "string" && text.startsWith('["') && text.endsWith('"]')) {
      const only = text.slice(2, -2);
      if (single.test(only)) return [only as T];
    }
    return v.parse(whole, text);
  };
}

/** Few different texts stand for all: each is read once. */
function remembering<T>(read: (text: string) => readonly T[]): (text: unknown) => readonly T[] {
  const known = new Map<unknown, readonly T[]>();
  return (text) => {
    if (text === null) return NONE;
    const before = known.get(text);
    if (before) return before;
    const list = Object.freeze(read(v.parse(v.string(), text)));
    if (known.size < 1_000) known.set(text, list);
    return list;
  };
}

function loadBlocks(db: Db, owner: AccountId): readonly Block[] {
  const rows = db.prepare("SELECT kind, target FROM block WHERE +owner = ? ORDER BY rowid").raw().all(owner);
  return rows.map(toBlock);
}

function toBlock(row: unknown): Block {
  const [kind, target]: unknown[] = Array.isArray(row) ? row : [];
  switch (kind) {
    case "person":
      return { person: v.parse(v.string(), target) };
    case "account":
      return {
        account: typeof target === "string" && ACCOUNT.test(target) ? target : v.parse(AccountIdSchema, target),
      };
    case "number":
      return { number: typeof target === "string" && E164.test(target) ? target : v.parse(NumberKeySchema, target) };
    case "prefix":
      return { prefix: v.parse(PrefixSchema, target) };
    case "withheld":
      return { withheld: true };
    case "unknown":
      return { unknown: true };
    default:
      throw new Error("a block of a kind that nobody knows");
  }
}
