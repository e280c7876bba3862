import type { AccountId, Book, NumberKey, Person } from "./book.ts";
import { sameLine } from "./number-key.ts";

/** What a decision asks of a book, each by a few looks into maps; nothing grows with the book. */
export type Lookup = Readonly<{
  /** Everybody in the book who has this account; more than one only in a book that was not written by a unit. */
  withAccount(account: AccountId): readonly Person[];
  /** Everybody who has just this number. */
  withNumber(number: NumberKey): readonly Person[];
  /** Who has the account; nobody where two share it. */
  person(account: AccountId): Person | undefined;
  /** By itself, or with somebody who has it. */
  blocked(account: AccountId): boolean;
  /** By itself, by its prefix, or with somebody who has it. */
  numberBlocked(number: NumberKey): boolean;
  /** By id, or by any account or number of theirs. */
  personBlocked(person: Person): boolean;
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

/** Nearly every key has one person: a list is made only where there are several. */
class Index {
  readonly #one = new Map<string, Person>();
  readonly #several = new Map<string, Person[]>();

  add(key: string, person: Person): void {
    const first = this.#one.get(key);
    if (first === undefined) this.#one.set(key, person);
    else if (first !== person) this.#several.set(key, [...(this.#several.get(key) ?? [first]), person]);
  }

  get(key: string): readonly Person[] {
    const one = this.#one.get(key);
    if (one === undefined) return NOBODY;
    return this.#several.get(key) ?? [one];
  }
}

const NOBODY: readonly Person[] = [];

function build(book: Book): Lookup {
  const accounts = new Index();
  const numbers = new Index();
  const lines = new Index();
  for (const person of book.people) {
    for (const account of person.accounts) accounts.add(account, person);
    for (const number of person.numbers) {
      numbers.add(number, person);
      lines.add(sameLine(number), person);
    }
  }
  const blocks = sortOut(book);
  const covers = blocks.anything ? coveringPeople(book, blocks) : () => false;
  return {
    withAccount: (account) => accounts.get(account),
    withNumber: (number) => numbers.get(number),
    person: (account) => {
      const [first, second] = accounts.get(account);
      return second === undefined ? first : undefined;
    },
    blocked: (account) => blocks.accounts.has(account) || accounts.get(account).some(covers),
    numberBlocked: (number) => isNumberBlocked(number, blocks) || lines.get(sameLine(number)).some(covers),
    personBlocked: covers,
    unknownBlocked: blocks.unknown,
    withheldBlocked: blocks.withheld,
  };
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
  /** Could any of them cover a person? */
  anything: boolean;
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
  const anything = people.size + accounts.size + lines.size + prefixes.size > 0;
  return { people, accounts, lines, prefixes, prefixLengths, unknown, withheld, anything };
}

/** A block on one account or number of a person covers all of theirs: an old phone is the same person. */
function coveringPeople(book: Book, blocks: Blocks): (person: Person) => boolean {
  // Found here, once, and not in a decision: a person may have many accounts and numbers.
  const covered = new Set<Person>();
  for (const person of book.people) {
    const isCovered =
      blocks.people.has(person.id) ||
      person.accounts.some((account) => blocks.accounts.has(account)) ||
      person.numbers.some((number) => isNumberBlocked(number, blocks));
    if (isCovered) covered.add(person);
  }
  return (person) => covered.has(person);
}

function isNumberBlocked(number: NumberKey, { lines, prefixes, prefixLengths }: Blocks): boolean {
  const line = sameLine(number);
  if (lines.has(line)) return true;
  const starts = (key: NumberKey) => prefixLengths.some((length) => prefixes.has(key.slice(0, length)));
  return starts(number) || (line !== number && starts(line));
}
