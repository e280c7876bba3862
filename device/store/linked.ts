import * as v from "valibot";
import type { AccountId, Book, NumberKey, Person } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import { AccountIdSchema } from "./account-id.ts";
import type { ChangeRefusal } from "./change.ts";
import { AddressSchema, NumberKeySchema } from "./keys.ts";

/** What somebody can be reached by. */
export type Linked = Pick<Person, "accounts" | "numbers" | "addresses">;

const MAX_LINKED = 16;

/** `owners`: whose all this is to be. */
export function faultOf(book: Book, linked: Linked, owners: readonly Person[] = []): ChangeRefusal | null {
  const { accounts, numbers, addresses } = linked;
  const crowd = Object.entries(linked).find(([, list]) => list.length > MAX_LINKED);
  if (crowd) return { code: "too-many", detail: `more than ${MAX_LINKED} ${crowd[0]}` };
  const known = lookup(book);
  for (const account of accounts) {
    if (!v.is(AccountIdSchema, account)) return { code: "bad-account", detail: "that is not an account id" };
    if (account === book.owner) return { code: "own-account", detail: "that is this unit's own account" };
    const taken = known.withAccount(account).find((person) => !owners.includes(person));
    if (taken) return { code: "account-taken", account, person: taken };
  }
  for (const number of numbers) {
    if (!v.is(NumberKeySchema, number)) return { code: "bad-number", detail: "that is not a number" };
    const taken = known.withNumber(number).find((person) => !owners.includes(person));
    if (taken) return { code: "number-taken", number, person: taken };
  }
  const isBad = addresses.some((address) => !v.is(AddressSchema, address));
  return isBad ? { code: "bad-address", detail: "that is not an address such as ana@example.org" } : null;
}

export function union(person: Linked, more: Partial<Linked>): Linked {
  return {
    accounts: unique<AccountId>([...person.accounts, ...(more.accounts ?? [])]),
    numbers: unique<NumberKey>([...person.numbers, ...(more.numbers ?? [])]),
    addresses: unique([...person.addresses, ...(more.addresses ?? [])]),
  };
}

export function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}

export function sizeOf({ accounts, numbers, addresses }: Linked): number {
  return accounts.length + numbers.length + addresses.length;
}
