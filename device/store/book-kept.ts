import type { Book } from "../gate/book.ts";
import type { BookRecord } from "./book-record.ts";
import type { StoredBook } from "./book-stored.ts";

/** What a save has done so far; a test cuts the power there. */
export type SaveStep = "written" | "prepared" | "copied" | "committed" | "confirmed";

export type KeptBookOptions = Readonly<{
  main: StoredBook;
  /** Null where it does not hold the book. */
  copy: StoredBook | null;
  /** Opens the copy, anew where it must be. Throws where the disk refuses. Asked again with the next save then. */
  openCopy: () => StoredBook;
  record: BookRecord;
  book: Book;
  /** Whether it stands on the disk already, thrice. */
  isSaved: boolean;
  onStep?: ((step: SaveStep) => void) | undefined;
}>;

/**
 * The book on the disk: in the database, in a copy that has a file and a key of its own, and in a record of how far it
 * has come. What was saved stands in all three, so that one that was lost, damaged or rolled back is seen to be so and
 * can be made good.
 */
export class KeptBook {
  readonly #main: StoredBook;
  readonly #openCopy: () => StoredBook;
  readonly #record: BookRecord;
  readonly #onStep: (step: SaveStep) => void;
  #copy: StoredBook | null;
  /** The last book that the disk took; or the first one, until it takes that. */
  #saved: Book;
  #isSaved: boolean;
  #highest: number;

  constructor({ main, copy, openCopy, record, book, isSaved, onStep = () => undefined }: KeptBookOptions) {
    this.#main = main;
    this.#copy = copy;
    this.#openCopy = openCopy;
    this.#record = record;
    this.#saved = book;
    this.#isSaved = isSaved;
    this.#onStep = onStep;
    this.#highest = book.revision;
  }

  /** No revision up to this one may stand for another book: one that was refused may be on the disk all the same. */
  get highest(): number {
    return this.#highest;
  }

  has(book: Book): boolean {
    return this.#isSaved && this.#saved === book;
  }

  /**
   * On the disk, thrice, when it returns. Throws where the disk refuses; the book that was saved before then still is.
   * All that needs room on the disk comes before the database says yes; the record comes last: what it says is so.
   */
  save(book: Book): void {
    this.#copy ??= this.#openCopy();
    this.#highest = Math.max(this.#highest, book.revision);
    const copy = this.#copy;
    let copied = false;
    let committed = false;
    try {
      copy.begin(book);
      this.#main.begin(book);
      this.#onStep("written");
      const signatures = [this.#main.pendingSignatureHash, copy.pendingSignatureHash];
      const confirm = this.#record.prepare({ revision: book.revision, signatures });
      this.#onStep("prepared");
      copy.commit();
      copied = true;
      this.#onStep("copied");
      this.#main.commit();
      committed = true;
      this.#onStep("committed");
      confirm();
      this.#onStep("confirmed");
      this.#saved = book;
      this.#isSaved = true;
    } catch (error) {
      for (const stored of [copy, this.#main]) stored.rollBack();
      this.#putBack([...(copied ? [copy] : []), ...(committed ? [this.#main] : [])]);
      throw error;
    }
  }

  /** As far as the disk lets it: what was refused shall not come back with the next start. */
  #putBack(written: readonly StoredBook[]): void {
    if (written.length === 0) return;
    this.#highest += 1;
    const back = { ...this.#saved, revision: this.#highest };
    for (const stored of written) {
      try {
        stored.begin(back);
        stored.commit();
      } catch {
        stored.rollBack();
      }
    }
  }
}
