import type { AccountId, Block, Book, Person } from "../gate/book.ts";
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

/** The names by which somebody may ask for a person: as written, each alias, and the given name alone. */
export function heardNames(person: Person): readonly string[] {
  const whole = [person.name, ...person.aliases].slice(0, MAX_NAMES - 1).map(nameWords);
  const given = nameWords(person.name)[0];
  if (given !== undefined && !NO_GIVEN_NAME.has(given)) whole.push([given]);
  return [...new Set(whole.map((words) => words.join(" ")))].filter((name) => name !== "");
}

export function resolve(name: string, book: Book): Resolved {
  const wanted = nameWords(name).join(" ");
  if (wanted === "") return { found: "none" };
  const people = book.people.filter((person) => heardNames(person).includes(wanted));
  const [first, second] = people;
  if (first === undefined) return { found: "none" };
  return second === undefined ? { found: "one", person: first } : { found: "several", people };
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
 * has. Null where two of them cannot be told apart by ear.
 */
export function tellApart(people: readonly Person[]): readonly string[] | null {
  const labels: string[] = [];
  for (const person of people) {
    const others = people.filter((other) => other !== person);
    const label = [person.name, ...person.aliases].find((name) => isOnlyOnes(name, others));
    if (label === undefined) return null;
    labels.push(label);
  }
  return labels;
}

function isOnlyOnes(name: string, others: readonly Person[]): boolean {
  const heard = nameWords(name).join(" ");
  return (
    heard !== "" &&
    !others.some((other) => [other.name, ...other.aliases].some((its) => nameWords(its).join(" ") === heard))
  );
}
