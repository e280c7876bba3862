import type { Block, Book, Person } from "#device/gate/book.ts";

/** A person whose account is their id. */
export function person(id: string, name = id, ...aliases: string[]): Person {
  return { id, name, aliases, accounts: [id], grants: ["ring"] };
}

export function bookOf(
  people: readonly Person[],
  blocks: readonly Block[] = [],
  calling: Book["calling"] = "on",
): Book {
  return { revision: 1, owner: "owner", calling, unknown: "hold", people, blocks };
}
