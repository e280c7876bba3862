import type { Person } from "./book.ts";
import { differences } from "./differences.ts";
import { type Holders, HoldersEdit } from "./holders.ts";
import { NumberIndex } from "./index-numbers.ts";
import { LayeredMap } from "./layered-map.ts";
import { PackedMap } from "./packed-map.ts";

/** Who has which account, and which number. */
export type PeopleIndex = Readonly<{
  accounts: LayeredMap<Holders>;
  sharedAccounts: number;
  numbers: NumberIndex;
}>;

export const NO_PEOPLE: PeopleIndex = { accounts: new LayeredMap(), sharedAccounts: 0, numbers: new NumberIndex([]) };

/** The index of a list that came of the one it is for; null where nothing differs. */
export function indexPeople(
  parts: PeopleIndex,
  before: readonly Person[],
  after: readonly Person[],
): PeopleIndex | null {
  const first = before.length === 0 ? indexUnshared(after) : null;
  if (first) return { accounts: first, sharedAccounts: 0, numbers: new NumberIndex(after) };
  const differ = differences(before, after);
  if (differ.length === 0) return null;
  const accounts = new HoldersEdit(parts.accounts);
  // Whoever only moved goes before they come.
  for (const { gone } of differ)
    for (const person of gone) for (const account of person.accounts) accounts.remove(account, person);
  for (const { come } of differ)
    for (const person of come) for (const account of person.accounts) accounts.add(account, person);
  const sharedAccounts = parts.sharedAccounts + accounts.moreShared;
  return { accounts: accounts.done(), sharedAccounts, numbers: parts.numbers.changed(differ, after) };
}

/** Of a whole list at once; null where two people share an account. */
function indexUnshared(people: readonly Person[]): LayeredMap<Holders> | null {
  let count = 0;
  for (const person of people) count += person.accounts.length;
  const accounts = new PackedMap<Holders>(count);
  for (const person of people) for (const account of person.accounts) if (!accounts.add(account, person)) return null;
  return new LayeredMap(accounts);
}
