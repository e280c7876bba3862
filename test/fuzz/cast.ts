import type { Book, Person } from "#device/gate/book.ts";
import { emptyBook } from "#device/gate/book.ts";
import { testSeal } from "#test/house/books.ts";
import { fixedUnit } from "#test/house/fixed-keys.ts";

/** Whoever writes to Ben: a friend, somebody known without a grant, somebody granted and blocked, a stranger. */
export const ben = fixedUnit("ben");
export const ana = fixedUnit("ana");
export const mallory = fixedUnit("mallory");
export const zed = fixedUnit("zed");
export const eve = fixedUnit("eve");
export const CALLERS = [ana, mallory, zed, eve] as const;

export const OWNER = ben.sealer.account;
export const ANA = ana.sealer.account;

function person(id: string, account: string, grants: Person["grants"]): Person {
  return { id, name: id, aliases: [], accounts: [account], numbers: [], addresses: [], grants, hours: [] };
}

export const BOOK: Book = {
  ...emptyBook(OWNER, "GB", "Europe/London", testSeal),
  revision: 7,
  people: [
    person("ana", ANA, ["ring", "message"]),
    person("mallory", mallory.sealer.account, []),
    person("zed", zed.sealer.account, ["ring"]),
  ],
  blocks: [{ person: "zed" }],
};

export const NOON_MS = Date.UTC(2026, 10, 23, 12);
