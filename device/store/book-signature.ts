import type { AccountId } from "../gate/book.ts";

/** What a unit signs its own book with. Nobody who only has a database key can. */
export type BookSigner = Readonly<{
  account: AccountId;
  signBook(what: BookSigned, bytes: Uint8Array): Uint8Array;
  /** Did this unit sign it? Never throws. */
  holdsBook(what: BookSigned, bytes: Uint8Array, signature: Uint8Array): boolean;
}>;

/** `signature`: a stored book. `revision`: how far the book has come for certain. */
export type BookSigned = "stored" | "revision";

/** What a signature is made over: everything that a stored book says, its lists by the digests of their pieces. */
export function signedBytes(stored: {
  owner: AccountId;
  revision: number;
  rules: string;
  digests: Readonly<Record<string, readonly string[]>>;
}): Uint8Array {
  const { owner, revision, rules, digests } = stored;
  const lists = Object.entries(digests).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify([owner, revision, rules, lists]), "utf8");
}
