import {
  type AccountId,
  type Book,
  type Deleted,
  type NumberKey,
  type Person,
  type Seal,
  type SealOf,
  sealsAllAlike,
} from "./book.ts";
import { type Holders, isOne, listed } from "./holders.ts";
import { type BlockIndex, indexBlocks, NO_BLOCKS } from "./index-blocks.ts";
import { indexPeople, NO_PEOPLE, type PeopleIndex } from "./index-people.ts";
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
  /** By id, or by any account or number of theirs: an old phone is the same person. */
  personBlocked(person: Person): boolean;
  /** Never in a book that a unit wrote. */
  isAnyAccountShared: boolean;
  unknownBlocked: boolean;
  withheldBlocked: boolean;
}>;

const built = new WeakMap<Book, BookLookup>();

/**
 * Built once for each book value (a book never changes, a changed one is another value), so that a decision stays
 * short. `before`: a book that this one came of; then only what differs is looked at.
 */
export function lookup(book: Book, before?: Book): Lookup {
  const known = built.get(book);
  if (known) return known;
  const old = before && built.get(before);
  const made = before && old ? old.changed(before, book) : EMPTY.changed(NOBODY_YET, book);
  built.set(book, made);
  return made;
}

/** What a lookup looks into. */
type Parts = PeopleIndex &
  BlockIndex &
  Readonly<{
    /**
     * The keys of whoever was blocked when they were deleted. Nobody in the book has one: whoever is given one is blocked
     * by it in plain (`store/deleted.ts`).
     */
    sealed: ReadonlySet<Seal>;
    seal: SealOf;
  }>;

class BookLookup implements Lookup {
  readonly #parts: Parts;
  readonly isAnyAccountShared: boolean;
  readonly unknownBlocked: boolean;
  readonly withheldBlocked: boolean;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.isAnyAccountShared = parts.sharedAccounts > 0;
    this.unknownBlocked = parts.blocked.others.has("unknown");
    this.withheldBlocked = parts.blocked.others.has("withheld");
  }

  /** `before` is the book that this one is for. */
  changed(before: Pick<Book, "people" | "blocks" | "deleted">, after: Book): BookLookup {
    const people = indexPeople(this.#parts, before.people, after.people);
    const blocks = indexBlocks(this.#parts, before.blocks, after.blocks);
    const sealed = before.deleted === after.deleted ? this.#parts.sealed : sealedKeys(after.deleted);
    return new BookLookup({ ...this.#parts, ...people, ...blocks, sealed, seal: after.seal });
  }

  withAccount(account: AccountId): readonly Person[] {
    return listed(this.#parts.accounts.get(account));
  }

  withNumber(number: NumberKey): readonly Person[] {
    return this.#parts.numbers.withNumber(number);
  }

  withLine(number: NumberKey): readonly Person[] {
    const line = sameLine(number);
    return [...new Set([...this.withNumber(number), ...this.withNumber(line), ...this.#parts.numbers.respelt(line)])];
  }

  person(account: AccountId): Person | undefined {
    const holders = this.#parts.accounts.get(account);
    return holders && isOne(holders) ? holders : undefined;
  }

  blocked(account: AccountId): boolean {
    if (this.#parts.blocked.accounts.has(account) || this.#covers(this.#parts.accounts.get(account))) return true;
    return this.#isSealed("account", account);
  }

  numberBlocked(number: NumberKey): boolean {
    const line = sameLine(number);
    if (this.#isNumberBlocked(number) || this.#isSealed("number", line)) return true;
    const { numbers } = this.#parts;
    return [...numbers.withNumber(line), ...numbers.respelt(line)].some((person) => this.personBlocked(person));
  }

  personBlocked({ id, accounts, numbers }: Person): boolean {
    const { blocked } = this.#parts;
    if (blocked.people.has(id) || accounts.some((account) => blocked.accounts.has(account))) return true;
    return numbers.some((number) => this.#isNumberBlocked(number));
  }

  #covers(holders: Holders | undefined): boolean {
    return listed(holders).some((person) => this.personBlocked(person));
  }

  #isSealed(what: "account" | "number", key: string): boolean {
    const { sealed, seal } = this.#parts;
    return sealed.size > 0 && sealed.has(seal(what, key));
  }

  #isNumberBlocked(number: NumberKey): boolean {
    const { blocked, prefixLengths } = this.#parts;
    const line = sameLine(number);
    if (blocked.lines.has(line)) return true;
    for (const length of prefixLengths) {
      if (blocked.prefixes.has(number.slice(0, length))) return true;
      if (line !== number && blocked.prefixes.has(line.slice(0, length))) return true;
    }
    return false;
  }
}

function sealedKeys(deleted: readonly Deleted[]): ReadonlySet<Seal> {
  return new Set(deleted.flatMap(({ blocked, accounts, numbers }) => (blocked ? [...accounts, ...numbers] : [])));
}

const NOBODY_YET = { people: [], blocks: [], deleted: [] } as const;
const EMPTY = new BookLookup({ ...NO_PEOPLE, ...NO_BLOCKS, sealed: new Set(), seal: sealsAllAlike });
