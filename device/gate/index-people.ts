import type { NumberKey, Person } from "./book.ts";
import { differences } from "./differences.ts";
import { LayeredMap, type MapEdit } from "./layered-map.ts";
import { sameLine } from "./number-key.ts";
import { PackedMap } from "./packed-map.ts";

/** Nearly every key has one person. */
export type Holders = Person | readonly Person[];

/** Who has which account, and which number. */
export type PeopleIndex = Readonly<{
  accounts: LayeredMap<Holders>;
  numbers: LayeredMap<Holders>;
  /** By their line, and only numbers that it is not spelt like: Argentina's and Mexico's. */
  respelt: LayeredMap<Holders>;
  sharedAccounts: number;
}>;

export const NO_PEOPLE: PeopleIndex = {
  accounts: new LayeredMap(),
  numbers: new LayeredMap(),
  respelt: new LayeredMap(),
  sharedAccounts: 0,
};

const NOBODY: readonly Person[] = [];

export function isOne(holders: Holders): holders is Person {
  return !Array.isArray(holders);
}

export function listed(holders: Holders | undefined): readonly Person[] {
  if (holders === undefined) return NOBODY;
  return isOne(holders) ? [holders] : holders;
}

/** The index of a list that came of the one it is for; null where nothing differs. */
export function indexPeople(
  parts: PeopleIndex,
  before: readonly Person[],
  after: readonly Person[],
): PeopleIndex | null {
  const first = before.length === 0 ? indexUnshared(after) : null;
  if (first) return first;
  const differ = differences(before, after);
  if (differ.length === 0) return null;
  const accounts = new HoldersEdit(parts.accounts);
  const numbers = new HoldersEdit(parts.numbers);
  const respelt = new HoldersEdit(parts.respelt);
  // Whoever only moved goes before they come.
  for (const { gone } of differ) {
    for (const person of gone) {
      for (const account of person.accounts) accounts.remove(account, person);
      for (const number of person.numbers) {
        numbers.remove(number, person);
        if (isRespelt(number)) respelt.remove(sameLine(number), person);
      }
    }
  }
  for (const { come } of differ) {
    for (const person of come) {
      for (const account of person.accounts) accounts.add(account, person);
      for (const number of person.numbers) {
        numbers.add(number, person);
        if (isRespelt(number)) respelt.add(sameLine(number), person);
      }
    }
  }
  const sharedAccounts = parts.sharedAccounts + accounts.moreShared;
  return { accounts: accounts.done(), numbers: numbers.done(), respelt: respelt.done(), sharedAccounts };
}

/** A whole index at once; null where two people share a key. */
function indexUnshared(people: readonly Person[]): PeopleIndex | null {
  let [accountCount, numberCount, respeltCount] = [0, 0, 0];
  for (const person of people) {
    accountCount += person.accounts.length;
    numberCount += person.numbers.length;
    for (const number of person.numbers) if (isRespelt(number)) respeltCount += 1;
  }
  const accounts = new PackedMap<Holders>(accountCount);
  const numbers = new PackedMap<Holders>(numberCount);
  const respelt = new PackedMap<Holders>(respeltCount);
  for (const person of people) {
    for (const account of person.accounts) if (!accounts.add(account, person)) return null;
    for (const number of person.numbers) {
      if (!numbers.add(number, person)) return null;
      if (isRespelt(number) && !respelt.add(sameLine(number), person)) return null;
    }
  }
  return {
    accounts: new LayeredMap(accounts),
    numbers: new LayeredMap(numbers),
    respelt: new LayeredMap(respelt),
    sharedAccounts: 0,
  };
}

function isRespelt(number: NumberKey): boolean {
  return sameLine(number) !== number;
}

/** Who has which key, while that changes. Somebody who has two spellings of one line holds it once. */
class HoldersEdit {
  readonly #edit: MapEdit<Holders>;
  /** Keys that two have by now, less those that two had before. */
  moreShared = 0;

  constructor(holders: LayeredMap<Holders>) {
    this.#edit = holders.edit();
  }

  add(key: string, person: Person): void {
    const holders = this.#edit.get(key);
    if (holders === undefined) {
      this.#edit.set(key, person);
      return;
    }
    const all = listed(holders);
    if (all.includes(person)) return;
    if (all.length === 1) this.moreShared += 1;
    this.#edit.set(key, [...all, person]);
  }

  remove(key: string, person: Person): void {
    const all = listed(this.#edit.get(key));
    const left = all.filter((each) => each !== person);
    const [one, another] = left;
    if (all.length > 1 && another === undefined) this.moreShared -= 1;
    if (one === undefined) this.#edit.delete(key);
    else this.#edit.set(key, another === undefined ? one : left);
  }

  done(): LayeredMap<Holders> {
    return this.#edit.done();
  }
}
