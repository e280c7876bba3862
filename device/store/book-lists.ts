import * as v from "valibot";
import type { AccountId, Block, Book, Deleted, Grant, NumberKey, OwnHours, Person, Seal } from "../gate/book.ts";
import { AccountIdSchema } from "./account-id.ts";
import { AddressSchema, NumberKeySchema, PrefixSchema } from "./keys.ts";

/** How one list of the book is written: a piece of it at a time, as JSON, column by column (read twice as fast so). */
export type ListFormat<Item> = Readonly<{
  write(items: readonly Item[]): unknown;
  /** Throws on anything that `write` did not write. Budget 1 µs an item. */
  read(content: unknown): Item[];
}>;

/** The lists that a book holds. What is added here is stored, signed and copied like the others. */
export const LISTS: Readonly<{
  people: ListFormat<Person>;
  blocks: ListFormat<Block>;
  deleted: ListFormat<Deleted>;
}> = {
  people: { write: writePeople, read: readPeople },
  blocks: { write: writeBlocks, read: readBlocks },
  deleted: { write: writeDeleted, read: readDeleted },
};

export type ListName = keyof typeof LISTS;
export type Lists = Pick<Book, ListName>;
export const LIST_NAMES: readonly ListName[] = ["people", "blocks", "deleted"];

const NONE: readonly never[] = Object.freeze([]);
/** What stands in it is looked at entry by entry, once. */
const Column = v.custom<readonly unknown[]>(Array.isArray);

const PeopleColumns = v.strictObject({
  id: Column,
  name: Column,
  aliases: Column,
  accounts: Column,
  numbers: Column,
  addresses: Column,
  grants: Column,
  hours: Column,
});

function writePeople(people: readonly Person[]): v.InferOutput<typeof PeopleColumns> {
  return {
    id: people.map(({ id }) => id),
    name: people.map(({ name }) => name),
    aliases: people.map(({ aliases }) => pack(aliases)),
    accounts: people.map(({ accounts }) => pack(accounts)),
    numbers: people.map(({ numbers }) => pack(numbers)),
    addresses: people.map(({ addresses }) => pack(addresses)),
    grants: people.map(({ grants }) => JSON.stringify(grants)),
    hours: people.map(({ hours }) => JSON.stringify(hours)),
  };
}

function readPeople(content: unknown): Person[] {
  const columns = v.parse(PeopleColumns, content);
  const { id, name, aliases, accounts, numbers, addresses, grants, hours } = columns;
  if (Object.values(columns).some(({ length }) => length !== id.length)) throw new Error("a piece has a hole");
  return id.map((each, at) => ({
    id: nonEmpty(each),
    name: nonEmpty(name[at]),
    aliases: aliasesIn(aliases[at]),
    accounts: accountsIn(accounts[at]),
    numbers: numbersIn(numbers[at]),
    addresses: addressesIn(addresses[at]),
    grants: grantsIn(grants[at]),
    hours: hoursIn(hours[at]),
  }));
}

/** Nearly all lists are empty, or hold one. */
function pack(list: readonly string[]): string | 0 | readonly string[] {
  const [only, another] = list;
  return only === undefined ? 0 : another === undefined ? only : list;
}

/** What the schemas accept, but read ten times as fast: nearly every account and number looks like this. */
const ACCOUNT = /^[a-z2-7]{51}[aq]$/;
const E164 = /^\+[1-9]\d{6,14}$/;

const GrantName = v.picklist(["ring", "message", "announce", "drop-in"]);
const Minute = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_440));
const Days = v.array(v.picklist(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]));
const window = { fromMinute: Minute, toMinute: Minute, days: Days };
const Hours = v.array(v.strictObject({ grant: GrantName, ...window }));
export const QuietHoursSchema = v.array(v.strictObject({ ...window, except: v.array(v.string()) }));

const aliasesIn = unpacking<string>(v.string());
const accountsIn = unpacking<AccountId>(AccountIdSchema, ACCOUNT);
const numbersIn = unpacking<NumberKey>(NumberKeySchema, E164);
const addressesIn = unpacking<string>(AddressSchema);
const grantsIn = remembering<Grant>(v.array(GrantName));
const hoursIn = remembering<OwnHours>(Hours);

const NonEmpty = v.pipe(v.string(), v.nonEmpty());
function nonEmpty(text: unknown): string {
  return typeof text === "string" && text !== "" ? text : v.parse(NonEmpty, text);
}

/** `single` recognises, and thereby validates, nearly all that there is. */
function unpacking<T extends string>(
  item: v.GenericSchema<unknown, T>,
  single?: RegExp,
): (packed: unknown) => readonly T[] {
  const whole = v.array(item);
  return (packed) => {
    if (packed === 0) return NONE;
    if (single && typeof packed === "string" && single.test(packed)) return [packed as T];
    return v.parse(whole, typeof packed === "string" ? [packed] : packed);
  };
}

/** Few different texts stand for all: each is read once. */
function remembering<T>(list: v.GenericSchema<unknown, T[]>): (text: unknown) => readonly T[] {
  const known = new Map<unknown, readonly T[]>([["[]", NONE]]);
  const written = v.pipe(v.string(), v.parseJson(), list);
  return (text) => {
    const before = known.get(text);
    if (before) return before;
    const read = Object.freeze(v.parse(written, text));
    if (known.size < 1_000) known.set(text, read);
    return read;
  };
}

const BlockColumns = v.strictObject({ kind: Column, target: Column });

function writeBlocks(blocks: readonly Block[]): v.InferOutput<typeof BlockColumns> {
  const rows = blocks.map(rowOf);
  return { kind: rows.map(([kind]) => kind), target: rows.map(([, target]) => target) };
}

function rowOf(block: Block): readonly [kind: string, target: string] {
  if ("person" in block) return ["person", block.person];
  if ("account" in block) return ["account", block.account];
  if ("number" in block) return ["number", block.number];
  if ("prefix" in block) return ["prefix", block.prefix];
  return "withheld" in block ? ["withheld", ""] : ["unknown", ""];
}

function readBlocks(content: unknown): Block[] {
  const { kind, target } = v.parse(BlockColumns, content);
  if (kind.length !== target.length) throw new Error("a piece has a hole");
  return kind.map((each, at) => toBlock(each, target[at]));
}

function toBlock(kind: unknown, target: unknown): Block {
  switch (kind) {
    case "person":
      return { person: nonEmpty(target) };
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

const DeletedColumns = v.strictObject({
  id: Column,
  atMs: Column,
  blocked: Column,
  accounts: Column,
  numbers: Column,
  addresses: Column,
  names: Column,
});
/** HMAC-SHA256 as base64url. */
const SEAL = /^[\w-]{43}$/;
const Whole = v.pipe(v.number(), v.safeInteger());
const YesOrNo = v.pipe(
  v.picklist([0, 1]),
  v.transform((yes) => yes === 1),
);
const sealsIn = unpacking<Seal>(v.pipe(v.string(), v.regex(SEAL)), SEAL);

function writeDeleted(deleted: readonly Deleted[]): v.InferOutput<typeof DeletedColumns> {
  return {
    id: deleted.map(({ id }) => id),
    atMs: deleted.map(({ atMs }) => atMs),
    blocked: deleted.map(({ blocked }) => (blocked ? 1 : 0)),
    accounts: deleted.map(({ accounts }) => pack(accounts)),
    numbers: deleted.map(({ numbers }) => pack(numbers)),
    addresses: deleted.map(({ addresses }) => pack(addresses)),
    names: deleted.map(({ names }) => pack(names)),
  };
}

function readDeleted(content: unknown): Deleted[] {
  const columns = v.parse(DeletedColumns, content);
  const { id, atMs, blocked, accounts, numbers, addresses, names } = columns;
  if (Object.values(columns).some(({ length }) => length !== id.length)) throw new Error("a piece has a hole");
  return id.map((each, at) => ({
    id: v.parse(Whole, each),
    atMs: v.parse(Whole, atMs[at]),
    blocked: v.parse(YesOrNo, blocked[at]),
    accounts: sealsIn(accounts[at]),
    numbers: sealsIn(numbers[at]),
    addresses: sealsIn(addresses[at]),
    names: sealsIn(names[at]),
  }));
}
