import type { AccountId, Book, Grant, Person } from "./book.ts";

/** What a decision asks of a book, each by one look into a map. */
export type Lookup = Readonly<{
  person(account: AccountId): Person | undefined;
  blocked(account: AccountId): boolean;
  granted(account: AccountId, grant: Grant): boolean;
  unknownBlocked: boolean;
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

function build(book: Book): Lookup {
  const people = new Map<AccountId, Person>();
  const grants = new Map<AccountId, Set<Grant>>();
  for (const person of book.people) {
    for (const account of person.accounts) {
      people.set(account, person);
      grants.set(account, new Set(person.grants));
    }
  }
  const blockedPeople = new Set<string>();
  const blockedAccounts = new Set<AccountId>();
  let unknownBlocked = false;
  for (const block of book.blocks) {
    if ("person" in block) blockedPeople.add(block.person);
    else if ("account" in block) blockedAccounts.add(block.account);
    else unknownBlocked = true;
  }
  // A block on one account of a person covers all of theirs: an old phone is the same person.
  for (const account of blockedAccounts) {
    const person = people.get(account);
    if (person) blockedPeople.add(person.id);
  }
  return {
    person: (account) => people.get(account),
    blocked: (account) => blockedAccounts.has(account) || blockedPeople.has(people.get(account)?.id ?? ""),
    granted: (account, grant) => grants.get(account)?.has(grant) ?? false,
    unknownBlocked,
  };
}
