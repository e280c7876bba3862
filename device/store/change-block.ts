import * as v from "valibot";
import type { Block, Book, Person } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import { sameLine } from "../gate/number-key.ts";
import { AccountIdSchema } from "./account-id.ts";
import { changed, refused, unchanged, withPerson } from "./applied.ts";
import type { Applied, ChangeRefusal } from "./change.ts";
import { liftSealed } from "./deleted.ts";
import { NumberKeySchema, PrefixSchema } from "./keys.ts";
import { isSame } from "./with-blocks.ts";

const MAX_BLOCKS = 100_000;

export function block(book: Book, wanted: Block): Applied {
  if (book.blocks.length >= MAX_BLOCKS) return refused({ code: "too-many", detail: "the list of blocks is full" });
  const fault = faultOf(book, wanted);
  if (fault) return refused(fault);
  const add = (person?: Person) => {
    if (book.blocks.some((each) => isSame(each, wanted))) return unchanged(book, person);
    return changed({ ...book, blocks: [...book.blocks, wanted] }, person);
  };
  return "person" in wanted ? withPerson(book, wanted.person, add) : add();
}

export function unblock(book: Book, wanted: Block): Applied {
  if ("person" in wanted) return withPerson(book, wanted.person, (person) => unblockPerson(book, person));
  const lifted = liftSealedBlock(book, wanted);
  const blocks = book.blocks.filter((each) => !isSame(each, wanted));
  // Lifting the one block would leave it blocked all the same, so it is not done under that name.
  const people = peopleBehind(book, wanted);
  const after = lookup({ ...lifted, blocks }, book);
  const person = people.find((each) => after.personBlocked(each));
  if (person) return refused({ code: "person-blocked", person });
  const prefix = "number" in wanted ? prefixOf(wanted.number, blocks) : undefined;
  if (prefix !== undefined) return refused({ code: "prefix-blocked", prefix });
  if (blocks.length === book.blocks.length && lifted === book) return refused({ code: "not-blocked" });
  return changed({ ...lifted, blocks });
}

function liftSealedBlock(book: Book, wanted: Block): Book {
  if ("account" in wanted) return liftSealed(book, "account", wanted.account);
  return "number" in wanted ? liftSealed(book, "number", wanted.number) : book;
}

/** A prefix stands for many: it is not lifted in the name of one of them. */
function unblockPerson(book: Book, person: Person): Applied {
  const blocks = book.blocks.filter((each) => "prefix" in each || !coversPerson(each, person));
  const prefix = person.numbers.map((number) => prefixOf(number, blocks)).find((each) => each !== undefined);
  if (prefix !== undefined) return refused({ code: "prefix-blocked", prefix });
  return blocks.length === book.blocks.length ? refused({ code: "not-blocked" }) : changed({ ...book, blocks }, person);
}

/** Does this block cover the person: by their id, or by an account or number of theirs (which covers them whole)? */
export function coversPerson(each: Block, person: Person): boolean {
  if ("person" in each) return each.person === person.id;
  if ("account" in each) return person.accounts.includes(each.account);
  if ("number" in each) return person.numbers.some((number) => sameLine(number) === sameLine(each.number));
  return "prefix" in each && person.numbers.some((number) => startsWith(number, each.prefix));
}

function prefixOf(number: string, blocks: readonly Block[]): string | undefined {
  for (const each of blocks) if ("prefix" in each && startsWith(number, each.prefix)) return each.prefix;
  return undefined;
}

function startsWith(number: string, prefix: string): boolean {
  return number.startsWith(prefix) || sameLine(number).startsWith(prefix);
}

function peopleBehind(book: Book, wanted: Block): readonly Person[] {
  const known = lookup(book);
  if ("account" in wanted) return known.withAccount(wanted.account);
  return "number" in wanted ? known.withNumber(wanted.number) : [];
}

function faultOf(book: Book, wanted: Block): ChangeRefusal | null {
  if ("account" in wanted) {
    if (!v.is(AccountIdSchema, wanted.account)) return { code: "bad-account", detail: "that is not an account id" };
    if (wanted.account === book.owner) return { code: "own-account", detail: "that is this unit's own account" };
  }
  if ("number" in wanted && !v.is(NumberKeySchema, wanted.number)) {
    return { code: "bad-number", detail: "that is not a number" };
  }
  if ("prefix" in wanted && !v.is(PrefixSchema, wanted.prefix)) {
    return { code: "bad-number", detail: "that is not the beginning of a number" };
  }
  return null;
}
