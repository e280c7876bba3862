import * as v from "valibot";
import type { AccountId, Block, Book, Grant, Person } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import { AccountIdSchema } from "./account-id.ts";

/** One decision of the owner's. People are named by their id in the book. */
export type BookChange = Readonly<
  | {
      type: "add-person";
      name: string;
      aliases?: readonly string[];
      accounts?: readonly AccountId[];
      grants?: readonly Grant[];
    }
  | { type: "add-account"; person: string; account: AccountId }
  /** Blocks that covered the person stay, on each of their accounts. */
  | { type: "remove-person"; person: string }
  | { type: "grant"; person: string; grants: readonly Grant[] }
  | { type: "revoke"; person: string; grants: readonly Grant[] }
  | { type: "block"; block: Block }
  /** Unblocking a person also lifts blocks on their single accounts. */
  | { type: "unblock"; block: Block }
  | { type: "calling"; calling: "on" | "off" }
  | { type: "unknown"; unknown: "hold" | "drop" }
>;

/** Why a change was refused; nothing has changed then. */
export type ChangeRefusal = Readonly<
  | { code: "bad-name" | "bad-account" | "own-account" | "too-many"; detail: string }
  | { code: "no-such-person"; person: string }
  /** The account belongs to another person. */
  | { code: "account-taken"; account: AccountId; person: Person }
  | { code: "not-blocked" }
  /** The account itself cannot be unblocked: the person who has it is blocked. */
  | { code: "person-blocked"; person: Person }
  | { code: "not-granted"; person: Person; grants: readonly Grant[] }
>;

/** `changed` false: it was so already, and the book is the same one (there is nothing that an undo may undo). */
export type Applied = Readonly<
  { ok: true; book: Book; changed: boolean; person?: Person } | { ok: false; why: ChangeRefusal }
>;

const MAX_PEOPLE = 100_000;
const MAX_BLOCKS = 100_000;
const MAX_ACCOUNTS = 16;
const MAX_ALIASES = 16;
const MAX_NAME = 64;

/** A name in one writing (NFC, single spaces): letters or digits somewhere, nothing unprintable. */
const Name = v.pipe(
  v.string(),
  v.transform((text) => text.normalize("NFC").replaceAll(/\s+/g, " ").trim()),
  v.nonEmpty("is empty"),
  v.maxLength(MAX_NAME, `is longer than ${MAX_NAME} characters`),
  v.regex(/^\P{C}*$/u, "holds characters that cannot be shown"),
  v.regex(/[\p{L}\p{N}]/u, "holds no letter"),
);

/** Does it only ever turn somebody away? Such a change must not wait for a disk. */
export function isTightening(change: BookChange): boolean {
  switch (change.type) {
    case "block":
    case "revoke":
      return true;
    case "calling":
      return change.calling === "off";
    case "unknown":
      return change.unknown === "drop";
    case "add-person":
    case "add-account":
    case "remove-person":
    case "grant":
    case "unblock":
      return false;
  }
}

/** The only place where a book changes. Pure; a change that does not fit is refused. */
export function applyChange(book: Book, change: BookChange): Applied {
  switch (change.type) {
    case "add-person":
      return addPerson(book, change);
    case "add-account":
      return withPerson(book, change.person, (person) => addAccount(book, person, change.account));
    case "remove-person":
      return withPerson(book, change.person, (person) => removePerson(book, person));
    case "grant":
      return withPerson(book, change.person, (person) => grant(book, person, change.grants));
    case "revoke":
      return withPerson(book, change.person, (person) => revoke(book, person, change.grants));
    case "block":
      return block(book, change.block);
    case "unblock":
      return unblock(book, change.block);
    case "calling":
      if (book.calling === change.calling) return unchanged(book);
      return changed({ ...book, calling: change.calling });
    case "unknown":
      if (book.unknown === change.unknown) return unchanged(book);
      return changed({ ...book, unknown: change.unknown });
  }
}

function addPerson(book: Book, change: Extract<BookChange, { type: "add-person" }>): Applied {
  if (book.people.length >= MAX_PEOPLE) return refused({ code: "too-many", detail: "the book is full" });
  const names: string[] = [];
  for (const text of [change.name, ...(change.aliases ?? [])]) {
    const name = v.safeParse(Name, text);
    if (!name.success) return refused({ code: "bad-name", detail: `the name ${name.issues[0].message}` });
    if (!names.includes(name.output)) names.push(name.output);
  }
  const [name = "", ...aliases] = names;
  if (aliases.length > MAX_ALIASES) return refused({ code: "too-many", detail: `more than ${MAX_ALIASES} aliases` });
  const accounts = [...new Set(change.accounts)];
  const fault = accountsFault(book, accounts);
  if (fault) return refused(fault);
  const grants = [...new Set(change.grants)];
  const person: Person = Object.freeze({ id: freeId(book, name), name, aliases, accounts, grants });
  return changed({ ...book, people: [...book.people, person] }, person);
}

function addAccount(book: Book, person: Person, account: AccountId): Applied {
  if (person.accounts.includes(account)) return unchanged(book, person);
  const fault = accountsFault(book, [...person.accounts, account], person);
  return fault ? refused(fault) : withChanged(book, person, { accounts: [...person.accounts, account] });
}

/** `owner`: whose accounts these are to be. */
function accountsFault(book: Book, accounts: readonly AccountId[], owner?: Person): ChangeRefusal | null {
  if (accounts.length > MAX_ACCOUNTS) return { code: "too-many", detail: `more than ${MAX_ACCOUNTS} accounts` };
  for (const account of accounts) {
    if (!v.is(AccountIdSchema, account)) return { code: "bad-account", detail: "that is not an account id" };
    if (account === book.owner) return { code: "own-account", detail: "that is this unit's own account" };
    const taken = lookup(book).person(account);
    if (taken && taken.id !== owner?.id) return { code: "account-taken", account, person: taken };
  }
  return null;
}

function removePerson(book: Book, person: Person): Applied {
  const people = book.people.filter((other) => other !== person);
  if (!isBlocked(book, person)) return changed({ ...book, people }, person);
  const others = book.blocks.filter((each) => !coversPerson(each, person));
  const kept = person.accounts.map((account) => ({ account }));
  return changed({ ...book, people, blocks: [...others, ...kept] }, person);
}

function grant(book: Book, person: Person, grants: readonly Grant[]): Applied {
  const all = [...new Set([...person.grants, ...grants])];
  if (all.length === person.grants.length) return unchanged(book, person);
  return withChanged(book, person, { grants: all });
}

/** What is not granted makes no fault as long as something is taken away. */
function revoke(book: Book, person: Person, grants: readonly Grant[]): Applied {
  const left = person.grants.filter((each) => !grants.includes(each));
  if (left.length === person.grants.length) return refused({ code: "not-granted", person, grants });
  return withChanged(book, person, { grants: left });
}

function block(book: Book, wanted: Block): Applied {
  if (book.blocks.length >= MAX_BLOCKS) return refused({ code: "too-many", detail: "the list of blocks is full" });
  if ("person" in wanted) {
    return withPerson(book, wanted.person, (person) => {
      if (book.blocks.some((each) => "person" in each && each.person === person.id)) return unchanged(book, person);
      return changed({ ...book, blocks: [...book.blocks, { person: person.id }] }, person);
    });
  }
  if ("unknown" in wanted) {
    if (lookup(book).unknownBlocked) return unchanged(book);
    return changed({ ...book, blocks: [...book.blocks, { unknown: true }] });
  }
  if (!v.is(AccountIdSchema, wanted.account)) {
    return refused({ code: "bad-account", detail: "that is not an account id" });
  }
  if (wanted.account === book.owner) {
    return refused({ code: "own-account", detail: "that is this unit's own account" });
  }
  if (book.blocks.some((each) => "account" in each && each.account === wanted.account)) return unchanged(book);
  return changed({ ...book, blocks: [...book.blocks, { account: wanted.account }] });
}

function unblock(book: Book, wanted: Block): Applied {
  if ("person" in wanted) {
    return withPerson(book, wanted.person, (person) => {
      const blocks = book.blocks.filter((each) => !coversPerson(each, person));
      if (blocks.length === book.blocks.length) return refused({ code: "not-blocked" });
      return changed({ ...book, blocks }, person);
    });
  }
  if ("unknown" in wanted) {
    const blocks = book.blocks.filter((each) => !("unknown" in each));
    return blocks.length === book.blocks.length ? refused({ code: "not-blocked" }) : changed({ ...book, blocks });
  }
  const blocks = book.blocks.filter((each) => !("account" in each && each.account === wanted.account));
  const person = lookup(book).person(wanted.account);
  // Lifting the one block would leave the account blocked all the same, so it is not done under that name.
  if (person && isBlocked({ ...book, blocks }, person)) return refused({ code: "person-blocked", person });
  return blocks.length === book.blocks.length ? refused({ code: "not-blocked" }) : changed({ ...book, blocks });
}

/** Does this block cover the person: by their id, or by an account of theirs (which covers them whole)? */
function coversPerson(each: Block, person: Person): boolean {
  if ("person" in each) return each.person === person.id;
  return "account" in each && person.accounts.includes(each.account);
}

export function isBlocked(book: Book, person: Person): boolean {
  return book.blocks.some((each) => coversPerson(each, person));
}

function withPerson(book: Book, id: string, then: (person: Person) => Applied): Applied {
  const person = book.people.find((each) => each.id === id);
  return person ? then(person) : refused({ code: "no-such-person", person: id });
}

function withChanged(book: Book, person: Person, fields: Partial<Person>): Applied {
  const after: Person = Object.freeze({ ...person, ...fields });
  return changed({ ...book, people: book.people.map((each) => (each === person ? after : each)) }, after);
}

function changed(book: Book, person?: Person): Applied {
  const next = Object.freeze({ ...book, revision: book.revision + 1 });
  return { ok: true, book: next, changed: true, ...(person && { person }) };
}

function unchanged(book: Book, person?: Person): Applied {
  return { ok: true, book, changed: false, ...(person && { person }) };
}

function refused(why: ChangeRefusal): Applied {
  return { ok: false, why };
}

/** A short plain word from the name, numbered from 2 where it is taken. */
function freeId(book: Book, name: string): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const base =
    plain
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "")
      .slice(0, 32) || "person";
  const taken = new Set(book.people.map((person) => person.id));
  if (!taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}
