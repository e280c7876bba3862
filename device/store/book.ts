import { type AccountId, type Book, emptyBook, type Person, type SealOf } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import { loadBook } from "./book-load.ts";
import { insertBook, saveChange } from "./book-save.ts";
import { type Applied, applyChange, type BookChange, type ChangeRefusal, isTightening } from "./change.ts";
import type { Db } from "./db.ts";

/** `not-saved`: the disk refused, so the change does not count. Only for what loosens: what tightens holds all the same. */
export type NotChanged = ChangeRefusal | Readonly<{ code: "not-saved"; detail: string }>;

/** `unsaved`: the disk refused; it holds until the unit is switched off, and with the next change that can be saved. */
export type ChangeResult =
  | (Extract<Applied, { ok: true }> & Readonly<{ unsaved?: true }>)
  | Readonly<{ ok: false; why: NotChanged }>;

/** One owner's book, in memory, with every change committed before it counts. */
export interface BookStore {
  /** The book as it stands: immutable; each change makes a new one with the next revision. */
  readonly book: Book;
  /** Validates, commits durably, then answers. What tightens holds even where it cannot be saved. Never throws. */
  change(change: BookChange): ChangeResult;
  personOf(account: AccountId): Person | undefined;
}

/** `unreadable`: what is stored is not a book. The unit then fails closed. */
export type OpenedBook = Readonly<{ ok: true; store: BookStore } | { ok: false; reason: "unreadable"; detail: string }>;

/** Where the unit stands, for as long as the owner says nothing else. */
export type Place = Readonly<{ region: string; timeZone: string }>;

/** `seal`: what whoever is deleted is sealed with, the same at every start (`Keystore.seal`). */
export type BookOptions = Partial<Place> & Readonly<{ seal: SealOf }>;

/** The machine's own time zone; its region nobody knows. */
function placeOfMachine(): Place {
  return { region: "GB", timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone };
}

/** Reads the owner's book, or starts an empty one where this owner has none yet. Never throws. */
export function openBookStore(db: Db, owner: AccountId, { seal, ...place }: BookOptions): OpenedBook {
  let book: Book;
  try {
    const where = { ...placeOfMachine(), ...place };
    book = loadBook(db, owner, where, seal) ?? insertBook(db, emptyBook(owner, where.region, where.timeZone, seal));
  } catch (error) {
    return { ok: false, reason: "unreadable", detail: messageOf(error) };
  }
  /** What is on the disk. */
  let saved = book;
  const store: BookStore = {
    get book() {
      return book;
    },
    change(change) {
      const applied = applyChange(book, change);
      if (!applied.ok || !applied.changed) return applied;
      try {
        saveChange(db, saved, applied.book);
        saved = applied.book;
      } catch (error) {
        if (isTightening(change)) {
          book = applied.book;
          return { ...applied, unsaved: true };
        }
        return { ok: false, why: { code: "not-saved", detail: messageOf(error) } };
      }
      book = applied.book;
      // Made now, so that the next caller does not wait for it.
      lookup(book);
      return applied;
    },
    personOf: (account) => lookup(book).person(account),
  };
  return { ok: true, store };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
