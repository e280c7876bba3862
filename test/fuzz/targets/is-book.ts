import type { Book } from "#device/gate/book.ts";
import { decide, type Request } from "#device/gate/decide.ts";
import { isAccountId } from "#device/keys/account.ts";
import { CALLERS, NOON_MS, OWNER } from "../cast.ts";
import { broken } from "../target.ts";

const REQUESTS: readonly Request[] = CALLERS.map(({ sealer }) => ({
  envelope: "00".repeat(16),
  kind: "call",
  from: sealer.account,
  to: OWNER,
  signature: "valid",
  replayed: false,
  fresh: true,
}));

/** Whatever was read is a book: of accounts, each with one person at most, that the gate can decide by. */
export function assertIsBook(book: Book): void {
  if (new Set(book.people.map(({ id }) => id)).size !== book.people.length) broken("two people with one id");
  const accounts = book.people.flatMap((person) => person.accounts);
  if (!accounts.every(isAccountId)) broken("an account that is none");
  if (new Set(accounts).size !== accounts.length) broken("an account with two people");
  const known = new Set(book.people.map(({ id }) => id));
  if (!book.blocks.every((block) => !("person" in block) || known.has(block.person))) broken("a block of nobody");
  const sealed = new Set(book.deleted.flatMap((each) => (each.blocked ? each.accounts : [])));
  for (const request of REQUESTS) {
    const from = request.from ?? "";
    const { act } = decide(request, book, { atMs: NOON_MS, clockTrusted: true });
    const person = book.people.find((each) => each.accounts.includes(from));
    if (act === "admit" && !person?.grants.includes("ring")) broken("a ring without a grant");
    if (act !== "drop" && sealed.has(book.seal("account", from))) broken("somebody who was blocked and deleted");
  }
}
