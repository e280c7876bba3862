import type { Block, Book, Person } from "#device/gate/book.ts";
import type { Request } from "#device/gate/decide.ts";

/** Account ids that read like people: 52 characters of base32, never real keys. */
export function accountOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z2-7]/g, "")
    .padEnd(52, "a")
    .slice(0, 52);
}

export const OWNER = accountOf("ben");
export const ANA = accountOf("ana");
export const ANAS_OLD_PHONE = accountOf("anaold");
export const MALLORY = accountOf("mallory");
export const STRANGER = accountOf("stranger");

export const ana: Person = {
  id: "ana",
  name: "Ana",
  aliases: [],
  accounts: [ANA, ANAS_OLD_PHONE],
  grants: ["ring", "message"],
};
/** In the book, as an old acquaintance is, and allowed nothing. */
export const mallory: Person = { id: "mallory", name: "Mallory", aliases: [], accounts: [MALLORY], grants: [] };

export function bookWith(changes: Partial<Book> = {}): Book {
  return { revision: 7, owner: OWNER, calling: "on", unknown: "hold", people: [ana, mallory], blocks: [], ...changes };
}

export function blocking(...blocks: Block[]): Book {
  return bookWith({ blocks });
}

export function callFrom(from: string, changes: Partial<Request> = {}): Request {
  return {
    envelope: "00112233445566778899aabbccddeeff",
    kind: "call",
    from,
    to: OWNER,
    signature: "valid",
    replayed: false,
    fresh: true,
    ...changes,
  };
}
