import type { Clock } from "#base/clock.ts";
import type { AccountId, Book, Person } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import type { KeptBook } from "./book-kept.ts";
import { type Applied, applyChange, type BookChange, type ChangeRefusal, isTightening } from "./change.ts";

/** `not-saved`: the disk refused, so the change does not count. Only for what loosens: what tightens holds all the same. */
export type NotChanged = ChangeRefusal | Readonly<{ code: "not-saved"; detail: string }>;

/** `unsaved`: not on the disk; it holds until the unit is switched off, or until the disk takes it. */
export type ChangeResult =
  | (Extract<Applied, { ok: true }> & Readonly<{ unsaved?: true }>)
  | Readonly<{ ok: false; why: NotChanged }>;

/** One owner's book, in memory, with every change on the disk before it is confirmed. */
export interface BookStore {
  /** The book as it stands: immutable; each change makes a new one with a higher revision. */
  readonly book: Book;
  /**
   * What loosens is on the disk before it counts, or is refused. What tightens counts at once, before the disk is waited
   * for: `save` comes next. Never throws.
   */
  apply(change: BookChange): ChangeResult;
  /** Brings to the disk what counts and is not there; false where it refuses: then it is tried again. Never throws. */
  save(): boolean;
  /** Both in one. */
  change(change: BookChange): ChangeResult;
  /** Something holds that the disk does not have. */
  readonly isUnsaved: boolean;
  personOf(account: AccountId): Person | undefined;
}

/** How soon a disk that refused is asked again. */
const RETRY_MS = 10_000;

export function openBookStore(first: Book, kept: KeptBook, clock: Pick<Clock, "after">): BookStore & Disposable {
  return new KeptBookStore(first, kept, clock);
}

class KeptBookStore implements BookStore, Disposable {
  readonly #kept: KeptBook;
  readonly #clock: Pick<Clock, "after">;
  #book: Book;
  #cancelRetry: (() => void) | null = null;

  constructor(first: Book, kept: KeptBook, clock: Pick<Clock, "after">) {
    this.#book = first;
    this.#kept = kept;
    this.#clock = clock;
    lookup(first);
    if (this.isUnsaved) this.#retry();
  }

  get book(): Book {
    return this.#book;
  }

  get isUnsaved(): boolean {
    return !this.#kept.has(this.#book);
  }

  apply(change: BookChange): ChangeResult {
    const applied = applyChange(this.#book, change);
    if (!applied.ok || !applied.changed) return applied;
    const { revision } = applied.book;
    const { highest } = this.#kept;
    const next = revision > highest ? applied.book : Object.freeze({ ...applied.book, revision: highest + 1 });
    // Made now, so that the next caller does not wait for it.
    lookup(next, this.#book);
    if (isTightening(change)) {
      this.#book = next;
      return { ...applied, book: next, unsaved: true };
    }
    try {
      this.#kept.save(next);
    } catch (error) {
      return { ok: false, why: { code: "not-saved", detail: error instanceof Error ? error.message : String(error) } };
    }
    this.#book = next;
    return { ...applied, book: next };
  }

  save(): boolean {
    if (!this.isUnsaved) return true;
    try {
      this.#kept.save(this.#book);
      return true;
    } catch {
      this.#retry();
      return false;
    }
  }

  change(change: BookChange): ChangeResult {
    const result = this.apply(change);
    if (!result.ok || !this.save()) return result;
    const { unsaved: _, ...saved } = result;
    return saved;
  }

  personOf(account: AccountId): Person | undefined {
    return lookup(this.#book).person(account);
  }

  [Symbol.dispose](): void {
    this.#cancelRetry?.();
    // The last chance of what holds unsaved.
    this.save();
    this.#cancelRetry?.();
  }

  #retry(): void {
    this.#cancelRetry ??= this.#clock.after(RETRY_MS, () => {
      this.#cancelRetry = null;
      this.save();
    });
  }
}
