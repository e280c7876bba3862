import type { AccountId, Book, NumberKey, Person, Seal } from "./book.ts";
import { sameLine } from "./number-key.ts";

/** What a decision asks of a book, each by a few looks into maps; nothing grows with the book. */
export type Lookup = Readonly<{
  /** Everybody in the book who has this account; more than one only in a book that was not written by a unit. */
  withAccount(account: AccountId): readonly Person[];
  /** Everybody who has just this number. */
  withNumber(number: NumberKey): readonly Person[];
  /** Everybody who has this number in any spelling of its line. */
  withLine(number: NumberKey): readonly Person[];
  /** Who has the account; nobody where two share it. */
  person(account: AccountId): Person | undefined;
  /** By itself, with somebody who has it, or with somebody blocked who had it when they were deleted. */
  blocked(account: AccountId): boolean;
  /** By itself, by its prefix, or with somebody who has it, or had it. */
  numberBlocked(number: NumberKey): boolean;
  /** By id, or by any account or number of theirs. */
  personBlocked(person: Person): boolean;
  /** Never in a book that a unit wrote. */
  isAnyAccountShared: boolean;
  unknownBlocked: boolean;
  withheldBlocked: boolean;
}>;

const built = new WeakMap<Book, Lookup>();

/** Built once for each book value (a book never changes, a changed one is another value), so that a decision stays short. */
export function lookup(book: Book): Lookup {
  const known = built.get(book);
  if (known) return known;
  const made = build(book);
  built.set(book, made);
  return made;
}

/** Who has which key. Nearly every key has one person, so that one map does; another knows where there are several. */
class Index {
  readonly #last = new Map<string, Person>();
  readonly #several: ReadonlyMap<string, readonly Person[]>;

  constructor(people: readonly Person[], keysOf: (person: Person) => readonly string[]) {
    let count = 0;
    for (const person of people) {
      for (const key of keysOf(person)) {
        this.#last.set(key, person);
        count += 1;
      }
    }
    this.#several = count === this.#last.size ? new Map() : sharedKeys(people, keysOf);
  }

  get isAnyShared(): boolean {
    return this.#several.size > 0;
  }

  get(key: string): readonly Person[] {
    const one = this.#last.get(key);
    if (one === undefined) return NOBODY;
    return this.#several.get(key) ?? [one];
  }
}

function sharedKeys(people: readonly Person[], keysOf: (person: Person) => readonly string[]) {
  const all = new Map<string, Set<Person>>();
  for (const person of people) {
    for (const key of keysOf(person)) all.set(key, (all.get(key) ?? new Set()).add(person));
  }
  return new Map([...all].filter(([, some]) => some.size > 1).map(([key, some]) => [key, [...some]]));
}

const NOBODY: readonly Person[] = [];

function build(book: Book): Lookup {
  const { people } = book;
  const accounts = new Index(people, (person) => person.accounts);
  const numbers = new Index(people, (person) => person.numbers);
  // Only numbers that their line is not spelt like: Argentina's and Mexico's.
  const odd = people.filter((person) => person.numbers.some(isRespelt));
  const respelt = new Index(odd, (person) => person.numbers.filter(isRespelt).map(sameLine));
  const blocks = sortOut(book);
  const covers = coveringPeople(book, blocks, { accounts, numbers, respelt });
  const withLine = (number: NumberKey) => {
    const line = sameLine(number);
    return [...new Set([...numbers.get(number), ...numbers.get(line), ...respelt.get(line)])];
  };
  // Nobody in the book has a key that is sealed here: whoever is given one is blocked by it in plain (`store/deleted.ts`).
  const sealed = sealedBlocks(book);
  const isSealed = (what: "account" | "number", key: string) => sealed.size > 0 && sealed.has(book.seal(what, key));
  return {
    withAccount: (account) => accounts.get(account),
    withNumber: (number) => numbers.get(number),
    withLine,
    person: (account) => {
      const [first, second] = accounts.get(account);
      return second === undefined ? first : undefined;
    },
    blocked: (account) =>
      blocks.accounts.has(account) || accounts.get(account).some(covers) || isSealed("account", account),
    numberBlocked: (number) => {
      const line = sameLine(number);
      if (isNumberBlocked(number, blocks) || isSealed("number", line)) return true;
      return numbers.get(line).some(covers) || respelt.get(line).some(covers);
    },
    personBlocked: covers,
    isAnyAccountShared: accounts.isAnyShared,
    unknownBlocked: blocks.unknown,
    withheldBlocked: blocks.withheld,
  };
}

function isRespelt(number: NumberKey): boolean {
  return sameLine(number) !== number;
}

type Blocks = Readonly<{
  people: ReadonlySet<string>;
  accounts: ReadonlySet<AccountId>;
  lines: ReadonlySet<NumberKey>;
  prefixes: ReadonlySet<string>;
  /** How long the prefixes are, each length once: one look for each says whether any matches. */
  prefixLengths: readonly number[];
  unknown: boolean;
  withheld: boolean;
}>;

function sortOut(book: Book): Blocks {
  const people = new Set<string>();
  const accounts = new Set<AccountId>();
  const lines = new Set<NumberKey>();
  const prefixes = new Set<string>();
  let unknown = false;
  let withheld = false;
  for (const block of book.blocks) {
    if ("person" in block) people.add(block.person);
    else if ("account" in block) accounts.add(block.account);
    else if ("number" in block) lines.add(sameLine(block.number));
    else if ("prefix" in block) prefixes.add(block.prefix);
    else if ("withheld" in block) withheld = true;
    else unknown = true;
  }
  const prefixLengths = [...new Set([...prefixes].map((prefix) => prefix.length))];
  return { people, accounts, lines, prefixes, prefixLengths, unknown, withheld };
}

function sealedBlocks({ deleted }: Book): ReadonlySet<Seal> {
  return new Set(deleted.flatMap(({ blocked, accounts, numbers }) => (blocked ? [...accounts, ...numbers] : [])));
}

type Indices = Readonly<{ accounts: Index; numbers: Index; respelt: Index }>;

/** A block on one account or number of a person covers all of theirs: an old phone is the same person. */
function coveringPeople({ people }: Book, blocks: Blocks, { accounts, numbers, respelt }: Indices) {
  // Found here, once, and not in a decision: from each block to its people, which is little where few are blocked.
  const covered = new Set<Person>();
  const cover = (some: readonly Person[]) => {
    for (const person of some) covered.add(person);
  };
  for (const account of blocks.accounts) cover(accounts.get(account));
  for (const line of blocks.lines) {
    cover(numbers.get(line));
    cover(respelt.get(line));
  }
  if (blocks.people.size > 0) cover(people.filter(({ id }) => blocks.people.has(id)));
  if (blocks.prefixes.size > 0) cover(people.filter((each) => each.numbers.some((key) => hasPrefix(key, blocks))));
  return (person: Person) => covered.has(person);
}

function isNumberBlocked(number: NumberKey, blocks: Blocks): boolean {
  return blocks.lines.has(sameLine(number)) || hasPrefix(number, blocks);
}

function hasPrefix(number: NumberKey, { prefixes, prefixLengths }: Blocks): boolean {
  if (prefixLengths.length === 0) return false;
  const line = sameLine(number);
  for (const length of prefixLengths) {
    if (prefixes.has(number.slice(0, length)) || (line !== number && prefixes.has(line.slice(0, length)))) return true;
  }
  return false;
}
