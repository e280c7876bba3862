import type { AccountId, Book, Person } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import { readAccountId } from "../store/account-id.ts";

/** Whom a typed word means: an id, a name, an alias or an account. Never a guess. */
export type Found = Readonly<
  | { found: "person"; person: Person }
  /** An account that nobody in the book has. */
  | { found: "account"; account: AccountId }
  | { found: "several"; people: readonly Person[] }
  /** `close`: names that differ little. */
  | { found: "nobody"; close: readonly string[] }
>;

const CLOSE_NAMES = 3;

export function findPerson(book: Book, who: string): Found {
  const account = readAccountId(who);
  if (account !== null) {
    const person = lookup(book).person(account);
    return person ? { found: "person", person } : { found: "account", account };
  }
  const byId = book.people.find((person) => person.id === who);
  if (byId) return { found: "person", person: byId };
  const wanted = plain(who);
  const people = book.people.filter((person) => namesOf(person).includes(wanted));
  const [first, second] = people;
  if (first === undefined) return { found: "nobody", close: closeNames(book, wanted) };
  return second === undefined ? { found: "person", person: first } : { found: "several", people };
}

function namesOf(person: Person): string[] {
  return [person.id, person.name, ...person.aliases].map(plain);
}

function plain(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase().replaceAll(/\s+/g, " ").trim();
}

function closeNames(book: Book, wanted: string): string[] {
  const mostEdits = Math.max(1, Math.floor(wanted.length / 3));
  const near: { name: string; edits: number }[] = [];
  for (const person of book.people) {
    const edits = Math.min(...namesOf(person).map((name) => (isPartOf(wanted, name) ? 0 : editsBetween(wanted, name))));
    if (edits <= mostEdits) near.push({ name: person.name, edits });
  }
  const sorted = near.toSorted((a, b) => a.edits - b.edits).map((each) => each.name);
  return [...new Set(sorted)].slice(0, CLOSE_NAMES);
}

/** Is it one of the words of the name, or how it starts? */
function isPartOf(wanted: string, name: string): boolean {
  return wanted.length > 1 && name.split(" ").some((word) => word.startsWith(wanted));
}

/** The Levenshtein distance, by rows. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, character] of Array.from(a).entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const swap = (row[j] ?? 0) + (character === b[j] ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
