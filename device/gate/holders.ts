import type { Person } from "./book.ts";
import type { LayeredMap, MapEdit } from "./layered-map.ts";

/** Nearly every key has one person. */
export type Holders = Person | readonly Person[];

const NOBODY: readonly Person[] = [];

export function isOne(holders: Holders): holders is Person {
  return !Array.isArray(holders);
}

export function listed(holders: Holders | undefined): readonly Person[] {
  if (holders === undefined) return NOBODY;
  return isOne(holders) ? [holders] : holders;
}

/** Who has which key, while that changes. Somebody who has two spellings of one line holds it once. */
export class HoldersEdit {
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
