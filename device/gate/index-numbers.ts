import type { NumberKey, Person } from "./book.ts";
import type { Difference } from "./differences.ts";
import { type Holders, HoldersEdit, listed } from "./holders.ts";
import { LayeredMap } from "./layered-map.ts";
import { sameLine } from "./number-key.ts";
import { PackedMap } from "./packed-map.ts";

type Maps = Readonly<{
  exact: LayeredMap<Holders>;
  /** By their line, and only numbers that it is not spelt like: Argentina's and Mexico's. */
  respelt: LayeredMap<Holders>;
}>;

/**
 * Who has which number. Made when it is first asked, once (100,000 numbers: 30 ms), because what carries no number asks
 * for none and a start is quicker so; from then on it is carried along through each change.
 */
export class NumberIndex {
  readonly #people: readonly Person[];
  #made: Maps | null;

  constructor(people: readonly Person[], made: Maps | null = null) {
    this.#people = people;
    this.#made = made;
  }

  /** Everybody who has just this number. */
  withNumber(number: NumberKey): readonly Person[] {
    return listed(this.#maps().exact.get(number));
  }

  /** Everybody who has a number that is spelt otherwise and is of this line. */
  respelt(line: NumberKey): readonly Person[] {
    return listed(this.#maps().respelt.get(line));
  }

  /** The index of the list that came of this one's. */
  changed(differ: readonly Difference<Person>[], after: readonly Person[]): NumberIndex {
    return new NumberIndex(after, this.#made && edited(this.#made, differ));
  }

  #maps(): Maps {
    this.#made ??= indexUnshared(this.#people) ?? edited(NONE, [{ at: 0, gone: [], come: this.#people }]);
    return this.#made;
  }
}

const NONE: Maps = { exact: new LayeredMap(), respelt: new LayeredMap() };

/** Null where two people share a number. */
function indexUnshared(people: readonly Person[]): Maps | null {
  let [all, others] = [0, 0];
  for (const { numbers } of people) {
    all += numbers.length;
    for (const number of numbers) if (isRespelt(number)) others += 1;
  }
  const exact = new PackedMap<Holders>(all);
  const respelt = new PackedMap<Holders>(others);
  for (const person of people) {
    for (const number of person.numbers) {
      if (!exact.add(number, person)) return null;
      if (isRespelt(number) && !respelt.add(sameLine(number), person)) return null;
    }
  }
  return { exact: new LayeredMap(exact), respelt: new LayeredMap(respelt) };
}

function edited(maps: Maps, differ: readonly Difference<Person>[]): Maps {
  const exact = new HoldersEdit(maps.exact);
  const respelt = new HoldersEdit(maps.respelt);
  // Whoever only moved goes before they come.
  for (const { gone } of differ) {
    for (const person of gone) {
      for (const number of person.numbers) {
        exact.remove(number, person);
        if (isRespelt(number)) respelt.remove(sameLine(number), person);
      }
    }
  }
  for (const { come } of differ) {
    for (const person of come) {
      for (const number of person.numbers) {
        exact.add(number, person);
        if (isRespelt(number)) respelt.add(sameLine(number), person);
      }
    }
  }
  return { exact: exact.done(), respelt: respelt.done() };
}

function isRespelt(number: NumberKey): boolean {
  return sameLine(number) !== number;
}
