import { createHmac } from "node:crypto";
import { type Block, type Book, emptyBook, type Person, type SealOf } from "#device/gate/book.ts";
import type { Now, Request } from "#device/gate/decide.ts";

/** As a keystore seals, with a key that everybody may know. */
export const testSeal: SealOf = (what, key) =>
  createHmac("sha256", "a key for tests").update(`${what}\0${key}`).digest("base64url");

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
  numbers: ["+442079460018"],
  addresses: [],
  grants: ["ring", "message"],
  hours: [],
};
/** In the book, as an old acquaintance is, and allowed nothing. */
export const mallory: Person = {
  id: "mallory",
  name: "Mallory",
  aliases: [],
  accounts: [MALLORY],
  numbers: ["+447700900123"],
  addresses: [],
  grants: [],
  hours: [],
};

/** A Monday in November, noon in London. */
export const NOON: Now = { atMs: Date.UTC(2026, 10, 23, 12), clockTrusted: true };

export function bookWith(changes: Partial<Book> = {}): Book {
  return { ...emptyBook(OWNER, "GB", "Europe/London", testSeal), revision: 7, people: [ana, mallory], ...changes };
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
