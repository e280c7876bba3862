import type { Block, Book } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import { refused, unchanged, withChanged, withPerson } from "./applied.ts";
import type { Applied } from "./change.ts";
import { unseal } from "./deleted.ts";
import { faultOf, type Linked, sizeOf, union } from "./linked.ts";
import { withBlocks } from "./with-blocks.ts";

/** What is linked later is the person's like all else: blocks and grants on them cover it. */
export function link(book: Book, id: string, more: Partial<Linked>): Applied {
  return withPerson(book, id, (person) => {
    const linked = union(person, more);
    const isSo = sizeOf(linked) === sizeOf(person);
    const fault = isSo ? null : faultOf(book, linked, [person]);
    if (fault) return refused(fault);
    return isSo ? unchanged(book, person) : withChanged(unseal(book, more), person, linked);
  });
}

/** The key is taken from the person; what kept it or the person out goes on keeping out both. */
export function unlink(book: Book, id: string, less: Partial<Linked>): Applied {
  return withPerson(book, id, (person) => {
    const { accounts = [], numbers = [], addresses = [] } = less;
    const rest: Linked = {
      accounts: person.accounts.filter((each) => !accounts.includes(each)),
      numbers: person.numbers.filter((each) => !numbers.includes(each)),
      addresses: person.addresses.filter((each) => !addresses.includes(each)),
    };
    if (sizeOf(rest) === sizeOf(person)) return refused({ code: "not-linked", person });
    if (!lookup(book).personBlocked(person)) return withChanged(book, person, rest);
    const kept: readonly Block[] = [
      { person: id },
      ...accounts.map((account) => ({ account })),
      ...numbers.map((number) => ({ number })),
    ];
    return withChanged({ ...book, blocks: withBlocks(book.blocks, kept) }, person, rest);
  });
}
