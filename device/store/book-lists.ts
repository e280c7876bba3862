import * as v from "valibot";
import type { Block, Book, Deleted, Grant, OwnHours, Person, QuietHours, Seal } from "../gate/book.ts";
import {
  ACCOUNTS,
  assertWhole,
  Column,
  missing,
  NUMBERS,
  nonEmpty,
  pack,
  readAlike,
  readEach,
  readKeys,
  readTexts,
  remembering,
  unpacking,
  writeAlike,
  writeKeys,
  writeTexts,
} from "./book-columns.ts";
import { AddressSchema, PrefixSchema } from "./keys.ts";

/** How one list of the book is written: a piece of it at a time, as JSON, column by column (read four times as fast so). */
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

const PeopleColumns = v.strictObject({
  id: v.unknown(),
  name: v.unknown(),
  aliases: Column,
  accounts: v.unknown(),
  numbers: v.unknown(),
  addresses: Column,
  grants: v.unknown(),
  hours: v.unknown(),
});

function writePeople(people: readonly Person[]): v.InferOutput<typeof PeopleColumns> {
  return {
    id: writeTexts(people.map(({ id }) => id)),
    name: writeTexts(people.map(({ name }) => name)),
    aliases: people.map(({ aliases }) => pack(aliases)),
    accounts: writeKeys(people.map(({ accounts }) => accounts)),
    numbers: writeKeys(people.map(({ numbers }) => numbers)),
    addresses: people.map(({ addresses }) => pack(addresses)),
    grants: writeAlike(people.map(({ grants }) => JSON.stringify(grants))),
    hours: writeAlike(people.map(({ hours }) => JSON.stringify(hours))),
  };
}

function readPeople(content: unknown): Person[] {
  const { aliases, addresses, ...written } = v.parse(PeopleColumns, content);
  const id = readTexts(written.id);
  const name = readTexts(written.name);
  const accounts = readKeys(written.accounts, ACCOUNTS);
  const numbers = readKeys(written.numbers, NUMBERS);
  const grants = readAlike(written.grants, grantsIn);
  const hours = readAlike(written.hours, hoursIn);
  assertWhole([id, name, aliases, accounts, numbers, addresses, grants, hours]);
  return id.map((each, at) => ({
    id: each,
    name: name[at] ?? missing(),
    aliases: aliasesIn(aliases[at]),
    accounts: accounts[at] ?? missing(),
    numbers: numbers[at] ?? missing(),
    addresses: addressesIn(addresses[at]),
    grants: grants[at] ?? missing(),
    hours: hours[at] ?? missing(),
  }));
}

const GrantName = v.picklist(["ring", "message", "announce", "drop-in"]);
const Minute = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_440));
const Days = v.array(v.picklist(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]));
const window = { fromMinute: Minute, toMinute: Minute, days: Days };
const Hours = v.array(v.strictObject({ grant: GrantName, ...window }));
const UntilMs = v.pipe(v.number(), v.safeInteger());
export const QuietHoursSchema = v.array(
  v.pipe(
    v.strictObject({ ...window, except: v.array(v.string()), untilMs: v.optional(UntilMs) }),
    v.transform(({ untilMs, ...rest }): QuietHours => ({ ...rest, ...(untilMs !== undefined && { untilMs }) })),
  ),
);

const aliasesIn = unpacking<string>(v.string());
const addressesIn = unpacking<string>(AddressSchema);
const grantsIn = remembering<Grant>(v.array(GrantName));
const hoursIn = remembering<OwnHours>(Hours);

const BlockKind = v.picklist(["person", "account", "number", "prefix", "withheld", "unknown"]);
type BlockKind = v.InferOutput<typeof BlockKind>;
const kindIn = (text: unknown) => v.parse(BlockKind, text);

const BlockColumns = v.strictObject({
  kind: v.unknown(),
  person: v.unknown(),
  account: v.unknown(),
  number: v.unknown(),
  prefix: v.unknown(),
});
/** As they were written once. */
const OldBlockColumns = v.strictObject({ kind: Column, target: Column });

/** What is blocked stands in a column of its kind: so each is checked as a whole. */
function writeBlocks(blocks: readonly Block[]): v.InferOutput<typeof BlockColumns> {
  const rows = blocks.map(rowOf);
  const of = (wanted: BlockKind) => writeTexts(rows.flatMap(([kind, target]) => (kind === wanted ? [target] : [])));
  return {
    kind: writeAlike(rows.map(([kind]) => kind)),
    person: of("person"),
    account: of("account"),
    number: of("number"),
    prefix: of("prefix"),
  };
}

function rowOf(block: Block): readonly [kind: BlockKind, target: string] {
  if ("person" in block) return ["person", block.person];
  if ("account" in block) return ["account", block.account];
  if ("number" in block) return ["number", block.number];
  if ("prefix" in block) return ["prefix", block.prefix];
  return "withheld" in block ? ["withheld", ""] : ["unknown", ""];
}

function readBlocks(content: unknown): Block[] {
  const old = v.safeParse(OldBlockColumns, content);
  if (old.success) return readOldBlocks(old.output);
  const columns = v.parse(BlockColumns, content);
  const kinds = readAlike(columns.kind, kindIn);
  const next = {
    person: readTexts(columns.person).values(),
    account: readEach(columns.account, ACCOUNTS).values(),
    number: readEach(columns.number, NUMBERS).values(),
    prefix: readTexts(columns.prefix).values(),
  };
  const blocks = kinds.map((kind) => {
    const target = kind === "withheld" || kind === "unknown" ? "" : (next[kind].next().value ?? missing());
    return toBlock(kind, target);
  });
  if (Object.values(next).some((targets) => targets.next().done !== true)) missing();
  return blocks;
}

function readOldBlocks({ kind, target }: v.InferOutput<typeof OldBlockColumns>): Block[] {
  assertWhole([kind, target]);
  return kind.map((each, at) => toBlock(kindIn(each), checked(kindIn(each), target[at])));
}

function checked(kind: BlockKind, target: unknown): string {
  if (kind === "account") return v.parse(ACCOUNTS.key, target);
  return v.parse(kind === "number" ? NUMBERS.key : v.string(), target);
}

function toBlock(kind: BlockKind, target: string): Block {
  switch (kind) {
    case "person":
      return { person: nonEmpty(target) };
    case "account":
      return { account: target };
    case "number":
      return { number: target };
    case "prefix":
      return { prefix: v.parse(PrefixSchema, target) };
    case "withheld":
      return { withheld: true };
    case "unknown":
      return { unknown: true };
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
const sealsIn = unpacking<Seal>(v.pipe(v.string(), v.regex(SEAL)));

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
  assertWhole(Object.values(columns));
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
