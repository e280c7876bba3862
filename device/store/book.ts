import type { AccountId, Block, Book, Grant, Person } from "../gate/book.ts";

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
  | { code: "bad-name" | "bad-account" | "own-account"; detail: string }
  | { code: "no-such-person"; person: string }
  /** The account belongs to another person. */
  | { code: "account-taken"; account: AccountId; person: string }
  | { code: "not-blocked" }
  /** The account itself is not blocked: the person who has it is. */
  | { code: "person-blocked"; person: string }
  | { code: "not-granted"; person: string; grant: Grant }
  | { code: "book-full" }
  /** The disk refused: the change is not durable, so it does not count. */
  | { code: "not-saved"; detail: string }
>;

/** `changed` false: it was so already, and the book is the same (so there is nothing that an undo may undo). */
export type ChangeResult = Readonly<
  { ok: true; book: Book; changed: boolean; person?: Person } | { ok: false; why: ChangeRefusal }
>;

/** One owner's book, in memory, with every change committed before it counts. */
export interface BookStore {
  /** The book as it stands: immutable; each change makes a new one with the next revision. */
  readonly book: Book;
  /** Validates, commits durably, then answers. Never throws. */
  change(change: BookChange): ChangeResult;
  personOf(account: AccountId): Person | undefined;
}

/** `unreadable`: what is stored is not a book. The unit then fails closed. */
export type OpenedBook = Readonly<{ ok: true; store: BookStore } | { ok: false; reason: "unreadable"; detail: string }>;
