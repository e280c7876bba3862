import * as v from "valibot";
import type { Book, Grant, Person } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import { changed, refused, unchanged, withChanged, withPerson } from "./applied.ts";
import type { Applied, BookChange } from "./change.ts";
import { coversPerson } from "./change-block.ts";
import { bringBack, sealed } from "./deleted.ts";
import { faultOf, union, unique } from "./linked.ts";

export const MAX_PEOPLE = 100_000;
const MAX_DELETED = 100_000;
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

export function addPerson(book: Book, change: Extract<BookChange, { type: "add-person" }>): Applied {
  if (book.people.length >= MAX_PEOPLE) return refused({ code: "too-many", detail: "the book is full" });
  const read = readNames([change.name, ...(change.aliases ?? [])]);
  if (!read.ok) return refused(read);
  const { name, aliases } = read;
  const { accounts = [], numbers = [], addresses = [] } = change;
  const linked = { accounts: unique(accounts), numbers: unique(numbers), addresses: unique(addresses) };
  const fault = faultOf(book, linked);
  if (fault) return refused(fault);
  const grants = [...new Set(change.grants)];
  const person: Person = Object.freeze({
    id: freeId(new Set(book.people.map((each) => each.id)), name),
    name,
    aliases,
    ...linked,
    grants,
    hours: [],
  });
  const { book: rest, back } = bringBack(book, person, false);
  return changed({ ...rest, people: [...rest.people, person] }, person, back);
}

/**
 * `into` keeps its own grants and hours: a merge lets nobody do more than they were told they may by that name. A block
 * on the other one moves along; one on an account or number covers the whole of whoever has it anyhow.
 */
export function mergePeople(book: Book, id: string, intoId: string): Applied {
  return withPerson(book, id, (person) =>
    withPerson(book, intoId, (into) => {
      if (person === into) return refused({ code: "same-person", person });
      const linked = union(into, person);
      const fault = faultOf(book, linked, [person, into]);
      if (fault) return refused(fault);
      const names = [...new Set([...into.aliases, person.name, ...person.aliases])];
      const aliases = names.filter((name) => name !== into.name).slice(0, MAX_ALIASES);
      const after: Person = Object.freeze({ ...into, ...linked, aliases });
      const people = book.people.flatMap((each) => (each === person ? [] : [each === into ? after : each]));
      const kept = book.blocks.filter((each) => !("person" in each && each.person === person.id));
      const wasBlocked = kept.length < book.blocks.length;
      const isBlocked = kept.some((each) => "person" in each && each.person === into.id);
      const blocks = wasBlocked && !isBlocked ? [...kept, { person: into.id }] : kept;
      return changed({ ...withoutExceptions(book, person), people, blocks: wasBlocked ? blocks : book.blocks }, after);
    }),
  );
}

/** Nothing that names them stays in the book: what keeps them out of it, and their block, are seals. */
export function removePerson(
  book: Book,
  { person: id, atMs }: Extract<BookChange, { type: "remove-person" }>,
): Applied {
  return withPerson(book, id, (person) => {
    if (book.deleted.length >= MAX_DELETED)
      return refused({ code: "too-many", detail: "too many were deleted before" });
    const people = book.people.filter((other) => other !== person);
    const blocked = lookup(book).personBlocked(person);
    const blocks = blocked
      ? book.blocks.filter((each) => "prefix" in each || !coversPerson(each, person))
      : book.blocks;
    const deleted = [...book.deleted, sealed(book, person, { atMs, blocked })];
    return changed({ ...withoutExceptions(book, person), people, blocks, deleted }, person);
  });
}

/** Nobody else may come to be excepted from quiet hours by taking over an id. */
function withoutExceptions(book: Book, { id }: Person): Book {
  if (!book.quietHours.some(({ except }) => except.includes(id))) return book;
  const quietHours = book.quietHours.map((each) => ({ ...each, except: each.except.filter((other) => other !== id) }));
  return { ...book, quietHours };
}

export function addAlias(book: Book, id: string, alias: string): Applied {
  return withPerson(book, id, (person) => {
    const read = readNames([person.name, ...person.aliases, alias]);
    if (!read.ok) return refused(read);
    if (read.aliases.length === person.aliases.length) return unchanged(book, person);
    return withChanged(book, person, { aliases: read.aliases });
  });
}

export function grant(book: Book, id: string, grants: readonly Grant[]): Applied {
  return withPerson(book, id, (person) => {
    const all = [...new Set([...person.grants, ...grants])];
    if (all.length === person.grants.length) return unchanged(book, person);
    return withChanged(book, person, { grants: all });
  });
}

/** What is not granted makes no fault as long as something is taken away. */
export function revoke(book: Book, id: string, grants: readonly Grant[]): Applied {
  return withPerson(book, id, (person) => {
    const left = person.grants.filter((each) => !grants.includes(each));
    if (left.length === person.grants.length) return refused({ code: "not-granted", person, grants });
    return withChanged(book, person, { grants: left });
  });
}

type Names = Readonly<
  { ok: true; name: string; aliases: readonly string[] } | { ok: false; code: "bad-name" | "too-many"; detail: string }
>;

/** The name and its aliases, each in one writing, none twice. */
export function readNames(texts: readonly string[]): Names {
  const names = new Set<string>();
  for (const text of texts) {
    const name = v.safeParse(Name, text);
    if (!name.success) return { ok: false, code: "bad-name", detail: `the name ${name.issues[0].message}` };
    names.add(name.output);
  }
  const [name = "", ...aliases] = names;
  if (aliases.length > MAX_ALIASES) return { ok: false, code: "too-many", detail: `more than ${MAX_ALIASES} aliases` };
  return { ok: true, name, aliases };
}

/** A short plain word from the name, numbered from 2 where it is taken. */
export function freeId(taken: ReadonlySet<string>, name: string): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const base =
    plain
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "")
      .slice(0, 32) || "person";
  if (!taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}
