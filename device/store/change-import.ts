import type { AccountId, Book, NumberKey, Person } from "../gate/book.ts";
import { type Lookup, lookup } from "../gate/lookup.ts";
import { sameLine } from "../gate/number-key.ts";
import { changed, unchanged } from "./applied.ts";
import type { Applied } from "./change.ts";
import { freeId, MAX_PEOPLE, readNames } from "./change-person.ts";
import { bringBack, deletedAs, nameForm, unseal } from "./deleted.ts";
import { faultOf, type Linked } from "./linked.ts";

/** Somebody as they stood in a file. `numbers`: each with all that it can mean, the likeliest first, which is stored. */
export type Card = Readonly<{
  name: string;
  aliases: readonly string[];
  accounts: readonly AccountId[];
  numbers: readonly (readonly NumberKey[])[];
  addresses: readonly string[];
}>;

/**
 * A card that was ticked. `bringBack`: the owner asked for just this person by name, though they were deleted.
 * `another`: it is somebody else than whoever has this name in the book.
 */
export type TickedCard = Card & Readonly<{ bringBack: boolean; another: boolean }>;

/**
 * What becomes of a card. `new`: a person without any grant · `more`: what is new in it goes to the person who has one
 * of its accounts or numbers · `known`: nothing in it is new · and why it is left alone: `deleted`, the owner deleted
 * them · `granted`: that person may do something, which would then hold for what a file says is theirs · `several`: it
 * ties together who are several people in the book · `same-name`: only the name is somebody's · `refused`.
 */
export type CardOutcome = Readonly<
  | { outcome: "new" | "more" | "known" | "granted" | "same-name"; person: Person }
  | { outcome: "several"; people: readonly Person[] }
  | { outcome: "deleted" }
  | { outcome: "refused"; detail: string }
>;

/** Each card by itself, in their order; one that is left alone costs no other. Nothing imported is granted anything. */
export function importCards(book: Book, cards: readonly TickedCard[]): Applied {
  const work = new Import(book);
  const outcomes = cards.map((card) => work.take(card));
  const after = work.book();
  return { ...(after === null ? unchanged(book) : changed(after)), cards: outcomes };
}

/** What a card would come to, were it ticked alone. */
export function lookAt(book: Book, card: Card): CardOutcome {
  return new Import(book).take({ ...card, bringBack: false, another: false });
}

const names = new WeakMap<readonly Person[], ReadonlyMap<string, Person>>();

function namesIn({ people }: Book): ReadonlyMap<string, Person> {
  const known = names.get(people);
  if (known) return known;
  const all = new Map<string, Person>();
  for (const person of people) for (const name of [person.name, ...person.aliases]) all.set(nameForm(name), person);
  names.set(people, all);
  return all;
}

/** One book for many cards: made anew for each it would cost as much as the book is long. */
class Import {
  readonly #before: Book;
  readonly #known: Lookup;
  /** With the deleted and the blocks as they are by now; its people are those from before. */
  #now: Book;
  readonly #after = new Map<string, Person>();
  readonly #added: string[] = [];
  /** Who has what since this import: account, line of a number, or name. */
  readonly #ids = new Map<string, string>();
  #taken: Set<string> | null = null;

  constructor(book: Book) {
    this.#before = book;
    this.#known = lookup(book);
    this.#now = book;
  }

  /** Null where nothing changed. */
  book(): Book | null {
    if (this.#after.size === 0) return null;
    const people = this.#before.people.map((each) => this.#after.get(each.id) ?? each);
    const added = this.#added.flatMap((id) => this.#after.get(id) ?? []);
    return { ...this.#now, people: [...people, ...added] };
  }

  take(card: TickedCard): CardOutcome {
    const linked: Linked = {
      accounts: [...new Set(card.accounts)],
      numbers: [...new Set(card.numbers.flatMap(([likeliest]) => likeliest ?? []))],
      addresses: [...new Set(card.addresses)],
    };
    const people = this.#peopleBehind(linked);
    const [person, ...others] = people;
    if (others.length > 0) return { outcome: "several", people };
    return person === undefined ? this.#add(card, linked) : this.#addTo(person, card, linked);
  }

  /** Only an account or a number says who somebody is. */
  #peopleBehind({ accounts, numbers }: Linked): readonly Person[] {
    const found = new Set<Person>();
    const add = (key: string, before: readonly Person[]) => {
      const id = this.#ids.get(key);
      const since = id === undefined ? undefined : this.#after.get(id);
      for (const each of before) found.add(this.#after.get(each.id) ?? each);
      if (since) found.add(since);
    };
    for (const account of accounts) add(account, this.#known.withAccount(account));
    for (const number of numbers) add(sameLine(number), this.#known.withLine(number));
    return [...found];
  }

  #addTo(person: Person, card: TickedCard, linked: Linked): CardOutcome {
    const more: Linked = {
      accounts: linked.accounts.filter((each) => !person.accounts.includes(each)),
      numbers: linked.numbers.filter((each) => !person.numbers.includes(each)),
      addresses: linked.addresses.filter((each) => !person.addresses.includes(each)),
    };
    const keys = more.accounts.length + more.numbers.length;
    if (keys + more.addresses.length === 0) return { outcome: "known", person };
    if (keys > 0 && person.grants.length > 0) return { outcome: "granted", person };
    const whole: Linked = {
      accounts: [...person.accounts, ...more.accounts],
      numbers: [...person.numbers, ...more.numbers],
      addresses: [...person.addresses, ...more.addresses],
    };
    const fault = this.#faultOf(whole, person);
    if (fault !== null) return { outcome: "refused", detail: fault };
    const asked = { ...more, name: "", aliases: [], numbers: readingsOf(card, more.numbers) };
    if (!card.bringBack && deletedAs(this.#now, asked).length > 0) return { outcome: "deleted" };
    const after: Person = Object.freeze({ ...person, ...whole });
    this.#now = unseal(this.#now, more);
    this.#remember(after);
    return { outcome: "more", person: after };
  }

  #add(card: TickedCard, linked: Linked): CardOutcome {
    const read = readNames([card.name, ...card.aliases]);
    if (!read.ok) return { outcome: "refused", detail: read.detail };
    const fault = this.#faultOf(linked);
    if (fault !== null) return { outcome: "refused", detail: fault };
    if (this.#before.people.length + this.#added.length >= MAX_PEOPLE) {
      return { outcome: "refused", detail: "the book is full" };
    }
    const named = { name: read.name, aliases: read.aliases };
    const asked = { ...linked, ...named, numbers: readingsOf(card, linked.numbers) };
    if (!card.bringBack && deletedAs(this.#now, asked).length > 0) return { outcome: "deleted" };
    const namesake = this.#called(read.name);
    if (namesake && !card.another) {
      const isBare = linked.accounts.length + linked.numbers.length + linked.addresses.length === 0;
      return { outcome: isBare ? "known" : "same-name", person: namesake };
    }
    // An alias that somebody else is called by would have them called in the other's place.
    const aliases = read.aliases.filter((alias) => this.#called(alias) === undefined);
    this.#taken ??= new Set(this.#before.people.map(({ id }) => id));
    const id = freeId(this.#taken, read.name);
    this.#taken.add(id);
    const person: Person = Object.freeze({ id, name: read.name, aliases, ...linked, grants: [], hours: [] });
    this.#now = bringBack(this.#now, person, card.bringBack).book;
    this.#added.push(id);
    this.#remember(person);
    return { outcome: "new", person };
  }

  #called(name: string): Person | undefined {
    const form = nameForm(name);
    const id = this.#ids.get(`name ${form}`);
    return namesIn(this.#before).get(form) ?? (id === undefined ? undefined : this.#after.get(id));
  }

  #remember(person: Person): void {
    const { id } = person;
    this.#after.set(id, person);
    for (const account of person.accounts) this.#ids.set(account, id);
    for (const number of person.numbers) this.#ids.set(sameLine(number), id);
    for (const name of [person.name, ...person.aliases]) this.#ids.set(`name ${nameForm(name)}`, id);
  }

  /** Who else has any of it was looked for before. */
  #faultOf(linked: Linked, person?: Person): string | null {
    const owner = person && this.#before.people.find(({ id }) => id === person.id);
    const fault = faultOf(this.#before, linked, owner ? [owner] : []);
    return fault === null ? null : "detail" in fault ? fault.detail : fault.code;
  }
}

/** All that these numbers can mean: somebody who was deleted is recognised by any of it. */
function readingsOf({ numbers }: Card, which: readonly NumberKey[]): readonly NumberKey[] {
  return numbers.flatMap((readings) => (readings[0] !== undefined && which.includes(readings[0]) ? readings : []));
}
