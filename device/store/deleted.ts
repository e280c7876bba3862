import type { Block, Book, Deleted, Person, Seal } from "../gate/book.ts";
import { sameLine } from "../gate/number-key.ts";
import type { Linked } from "./linked.ts";
import { withBlocks } from "./with-blocks.ts";

/**
 * Whoever is deleted leaves seals behind (`Book.seal`), by which two things hold without their name or number: a block
 * on them, and that no import brings them back. A sealed key that is given to somebody in the book stands there in
 * plain again, and so does its block: no key is in the book and sealed as blocked at once.
 */

/** Somebody by all that they can be recognised by. */
export type Recognised = Pick<Person, "name" | "aliases"> & Linked;

type Seals = Pick<Deleted, "accounts" | "numbers" | "addresses" | "names">;

/** Of two writings of a name, one form: no marks, no case, the words in one order ("Doe, John" is "John Doe"). */
export function nameForm(name: string): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).toSorted().join(" ");
}

function sealsOf({ seal }: Book, { name, aliases, accounts, numbers, addresses }: Recognised): Seals {
  const all = (keys: readonly string[], make: (key: string) => Seal) => [...new Set(keys.map(make))];
  return {
    accounts: all(accounts, (account) => seal("account", account)),
    numbers: all(numbers, (number) => seal("number", sameLine(number))),
    addresses: all(addresses, (address) => seal("address", address.normalize("NFKC").toLowerCase())),
    names: all(
      [name, ...aliases].map(nameForm).filter((form) => form !== ""),
      (form) => seal("name", form),
    ),
  };
}

/** What is left of somebody who is deleted. */
export function sealed(book: Book, person: Person, { atMs, blocked }: { atMs: number; blocked: boolean }): Deleted {
  const id = Math.max(0, ...book.deleted.slice(-1).map((each) => each.id)) + 1;
  return Object.freeze({ id, atMs: Math.trunc(atMs), blocked, ...sealsOf(book, person) });
}

const indices = new WeakMap<readonly Deleted[], ReadonlyMap<Seal, readonly Deleted[]>>();

function indexOf(deleted: readonly Deleted[]): ReadonlyMap<Seal, readonly Deleted[]> {
  const known = indices.get(deleted);
  if (known) return known;
  const index = new Map<Seal, Deleted[]>();
  for (const each of deleted) {
    for (const seal of [...each.accounts, ...each.numbers, ...each.addresses, ...each.names]) {
      const some = index.get(seal);
      if (some) some.push(each);
      else index.set(seal, [each]);
    }
  }
  indices.set(deleted, index);
  return index;
}

/** Who was deleted and had any of this: an account, a number in any spelling, an address or a name. */
export function deletedAs(book: Book, who: Recognised): readonly Deleted[] {
  if (book.deleted.length === 0) return [];
  const index = indexOf(book.deleted);
  const { accounts, numbers, addresses, names } = sealsOf(book, who);
  const found = [...accounts, ...numbers, ...addresses, ...names].flatMap((seal) => index.get(seal) ?? []);
  return [...new Set(found)];
}

/** Keys that the owner gives to somebody: what was blocked by a seal is blocked by the key itself from now on. */
export function unseal(book: Book, { accounts = [], numbers = [] }: Partial<Linked>): Book {
  if (book.deleted.length === 0) return book;
  const keys = [
    ...accounts.map((account) => ({ seal: book.seal("account", account), block: { account } })),
    ...numbers.map((number) => ({ seal: book.seal("number", sameLine(number)), block: { number } })),
  ];
  const given = new Set(keys.map(({ seal }) => seal));
  const blocked = new Set<Seal>();
  const deleted = changeEach(book.deleted, (each) => {
    const hit = [...each.accounts, ...each.numbers].filter((seal) => given.has(seal));
    if (hit.length === 0) return each;
    if (each.blocked) for (const seal of hit) blocked.add(seal);
    return without(each, { ...each, addresses: [], names: [], accounts: hit, numbers: hit });
  });
  const blocks: readonly Block[] = keys.flatMap(({ seal, block }) => (blocked.has(seal) ? [block] : []));
  return { ...book, deleted, blocks: withBlocks(book.blocks, blocks) };
}

/**
 * Somebody is in the book whom the owner asked for. Whoever was deleted and is the same is no longer kept out of it; if
 * they were blocked, so is the person. By a name alone they are the same where that is all there is to go by, or where
 * the owner says so (`surely`).
 */
export function bringBack(book: Book, person: Person, surely: boolean): { book: Book; back: boolean } {
  if (deletedAs(book, person).length === 0) return { book, back: false };
  const seals = sealsOf(book, person);
  const isBare = (keys: Pick<Deleted, "accounts" | "numbers">) => keys.accounts.length + keys.numbers.length === 0;
  let isBlocked = false;
  let back = false;
  const deleted = changeEach(book.deleted, (each) => {
    const isNamed = shares(each.names, seals.names);
    const hasKey = shares(each.accounts, seals.accounts) || shares(each.numbers, seals.numbers);
    const isSame = hasKey || (isNamed && (surely || isBare(each) || isBare(person)));
    if (!isSame) return without(each, { ...seals, accounts: [], numbers: [] });
    back = true;
    if (!each.blocked) return null;
    isBlocked = true;
    return without(each, { ...seals, addresses: each.addresses, names: each.names });
  });
  const blocks = isBlocked ? withBlocks(book.blocks, [{ person: person.id }]) : book.blocks;
  return { book: { ...book, deleted, blocks }, back };
}

/** Blocks on whoever was deleted and had this key are lifted; that no import brings them back stays. */
export function liftSealed(book: Book, what: "account" | "number", key: string): Book {
  if (book.deleted.length === 0) return book;
  const seal = book.seal(what, what === "number" ? sameLine(key) : key);
  const keys = what === "account" ? "accounts" : "numbers";
  const deleted = changeEach(book.deleted, (each) =>
    each.blocked && each[keys].includes(seal) ? Object.freeze({ ...each, blocked: false }) : each,
  );
  return deleted === book.deleted ? book : { ...book, deleted };
}

/** The same list where none changed. */
function changeEach(deleted: readonly Deleted[], change: (each: Deleted) => Deleted | null): readonly Deleted[] {
  const after = deleted.map(change);
  return after.every((each, at) => each === deleted[at]) ? deleted : after.filter((each) => each !== null);
}

/** Null where nothing is left that anybody could be recognised by. */
function without(each: Deleted, gone: Seals): Deleted | null {
  const rest = (seals: readonly Seal[], out: readonly Seal[]) => seals.filter((seal) => !out.includes(seal));
  const left = {
    accounts: rest(each.accounts, gone.accounts),
    numbers: rest(each.numbers, gone.numbers),
    addresses: rest(each.addresses, gone.addresses),
    names: rest(each.names, gone.names),
  };
  const count = (seals: Seals) =>
    seals.accounts.length + seals.numbers.length + seals.addresses.length + seals.names.length;
  if (count(left) === count(each)) return each;
  return count(left) === 0 ? null : Object.freeze({ ...each, ...left });
}

function shares(one: readonly Seal[], other: readonly Seal[]): boolean {
  return one.some((seal) => other.includes(seal));
}
