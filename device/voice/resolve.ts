import type { AccountId, Block, Book, Person } from "../gate/book.ts";
import type { Alike } from "./states.ts";
import { nameWords } from "./words.ts";

/** Whom a spoken name means. Never a guess: everybody it could mean, in the order of the book. */
export type Resolved =
  | Readonly<{ found: "one"; person: Person }>
  | Readonly<{ found: "several"; people: readonly Person[] }>
  | Readonly<{ found: "none" }>;

/** Words that alone name nobody, though they stand first in many names. */
const NO_GIVEN_NAME: ReadonlySet<string> = new Set(["a", "dr", "doctor", "miss", "mr", "mrs", "ms", "sir", "st"]);
/** A person is known to the ear by at most so many names. */
const MAX_NAMES = 8;

const namesOf = new WeakMap<Person, readonly string[]>();

/** The names by which somebody may ask for a person: as written, each alias, and the given name alone. */
export function heardNames(person: Person): readonly string[] {
  const known = namesOf.get(person);
  if (known) return known;
  const names = readNames(person);
  namesOf.set(person, names);
  return names;
}

function readNames(person: Person): readonly string[] {
  const whole = [person.name, ...person.aliases].slice(0, MAX_NAMES - 1).map(nameWords);
  const given = nameWords(person.name)[0];
  if (given !== undefined && !NO_GIVEN_NAME.has(given)) whole.push([given]);
  return [...new Set(whole.map((words) => words.join(" ")))].filter((name) => name !== "");
}

/**
 * Everybody whom a name that was heard can mean: those called so, and those whose name sounds just like it (`alike`).
 */
export function resolve(name: string, book: Book, alike: readonly Alike[] = []): Resolved {
  const people = calledLike(name, book, (heard, word) =>
    alike.find((each) => each.word === heard)?.same.includes(word),
  );
  const [first, second] = people;
  if (first === undefined) return { found: "none" };
  return second === undefined ? { found: "one", person: first } : { found: "several", people };
}

/** Is there somebody else whose name is easily taken for this one? */
export function hasNeighbour(name: string, { found }: Resolved, book: Book, alike: readonly Alike[]): boolean {
  if (found !== "one") return false;
  const isClose = (heard: string, word: string) => {
    const of = alike.find((each) => each.word === heard);
    return of?.same.includes(word) || of?.close.includes(word);
  };
  return alike.length > 0 && calledLike(name, book, isClose).length > 1;
}

type IsLike = (heard: string, word: string) => boolean | undefined;

function calledLike(name: string, book: Book, isLike: IsLike): readonly Person[] {
  const wanted = nameWords(name);
  if (wanted.length === 0) return [];
  const whole = wanted.join(" ");
  return book.people.filter((person) =>
    heardNames(person).some((heard) => {
      if (heard === whole) return true;
      const words = heard.split(" ");
      return (
        words.length === wanted.length && wanted.every((one, at) => one === words[at] || isLike(one, words[at] ?? ""))
      );
    }),
  );
}

/** Somebody whom the owner calls by the name of a place as well: "Sam" "work" may be "Sam Work", or "Sam at work". */
export function resolveAt(name: string, place: string, book: Book, alike: readonly Alike[]): Resolved {
  for (const whole of [`${name} at ${place}`, `${name} ${place}`, `${name}s ${place}`]) {
    const meant = resolve(whole, book, alike);
    if (meant.found !== "none") return meant;
  }
  return { found: "none" };
}

/** Whom to call when the owner needs help: who is called so in the book. */
const EMERGENCY = ["emergency contact", "emergency", "in case of emergency", "ice"];

export function emergencyPerson(book: Book): Person | null {
  for (const name of EMERGENCY) {
    const meant = resolve(name, book);
    if (meant.found === "one") return meant.person;
  }
  return null;
}

/** The one person in the book who has this account; null where there is none, or more than one. */
export function personWith(account: AccountId, book: Book): Person | null {
  const [first, second] = book.people.filter((person) => person.accounts.includes(account));
  return second === undefined ? (first ?? null) : null;
}

/** Does a block keep this person out, wholly or by an account or number of theirs? */
export function isPersonBlocked(person: Person, book: Book): boolean {
  return book.blocks.some((block) => {
    if ("person" in block) return block.person === person.id;
    if ("account" in block) return person.accounts.includes(block.account);
    if ("number" in block) return person.numbers.includes(block.number);
    return "prefix" in block && person.numbers.some((number) => number.startsWith(block.prefix));
  });
}

/** Does a block keep this account out, itself or with a person who has it? */
export function isAccountBlocked(account: AccountId, book: Book): boolean {
  if (book.blocks.some((block) => "account" in block && block.account === account)) return true;
  return book.people.some((person) => person.accounts.includes(account) && isPersonBlocked(person, book));
}

/** What to block so that this account rings no more: the whole person where it is one person's. */
export function blockFor(account: AccountId, book: Book): Block {
  const person = personWith(account, book);
  return person === null ? { account } : { person: person.id };
}

/**
 * What to call each of several people when asking which of them is meant: the name, or else an alias that no other
 * has; spelled where the names only sound the same. Null where two of them cannot be told apart by ear.
 */
export function tellApart(people: readonly Person[], alike: readonly Alike[] = []): readonly string[] | null {
  const labels: string[] = [];
  for (const person of people) {
    const others = people.filter((other) => other !== person);
    const names = [person.name, ...person.aliases];
    const label = names.find((name) => isOnlyOnes(name, others, alike)) ?? spelled(names, others);
    if (label === null) return null;
    labels.push(label);
  }
  return labels;
}

function spelled(names: readonly string[], others: readonly Person[]): string | null {
  const name = names.find((each) => isOnlyOnes(each, others, []));
  if (name === undefined) return null;
  return `${name}, ${nameWords(name)
    .flatMap((word) => word.toUpperCase().split(""))
    .join(" ")}`;
}

function isOnlyOnes(name: string, others: readonly Person[], alike: readonly Alike[]): boolean {
  const heard = nameWords(name);
  const same = (one: string, other: string) =>
    one === other ||
    alike.some(({ word, same: its }) => [word, ...its].includes(one) && [word, ...its].includes(other));
  return (
    heard.length > 0 &&
    !others.some((other) =>
      [other.name, ...other.aliases].some((its) => {
        const words = nameWords(its);
        return words.length === heard.length && words.every((word, at) => same(heard[at] ?? "", word));
      }),
    )
  );
}
