import { existsSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Book, emptyBook, type SealOf } from "../gate/book.ts";
import { type Candidate, chooseBook } from "./book-choice.ts";
import { KeptBook, type SaveStep } from "./book-kept.ts";
import { openBookRecord } from "./book-record.ts";
import type { Place } from "./book-rules.ts";
import type { BookSigner } from "./book-signature.ts";
import { StoredBook } from "./book-stored.ts";
import { type Db, type OpenedDb, openDb, openDbToRead } from "./db.ts";
import { prepareFile, syncFolder } from "./durable-file.ts";

export type BookFiles = Readonly<{
  folder: string;
  signer: BookSigner;
  /** 32 bytes each. */
  databaseKey: Uint8Array;
  copyKey: Uint8Array;
  place: Place;
  /** What whoever is deleted is sealed with. */
  seal: SealOf;
  /** For the name of what is moved aside. */
  nowMs: number;
  onStep?: (step: SaveStep) => void;
}>;

/** `readOnly`: the disk took no writing; nothing is kept until the next start. `restored`: what was wrong with the database that the copy was used in place of. */
export type OpenedFiles = Readonly<
  | { ok: true; db: Db; kept: KeptBook; book: Book; restored: string | null; readOnly: boolean; close: () => void }
  | { ok: false; fault: string }
>;

export const DATABASE = "porter.db";
export const COPY = "book-copy.db";
export const RECORD = "book-revision";
/** Stands in the unit's folder once there was a book: from then on a missing one is a fault, and not a first start. */
export const MARK = "book-was-made";

/** What an owner can do about a book that is lost. */
const NEXT = `put back the unit's folder as it was last, or move ${DATABASE}*, ${COPY}*, ${RECORD} and ${MARK} out of it to begin with an empty book`;

/** Finds the owner's book, or makes one at the first start. Never throws; where it fails, nothing is left open. */
export function openBookFiles(files: BookFiles): OpenedFiles {
  const opening = new Opening(files);
  try {
    const opened = opening.open();
    if (!opened.ok) opening.close();
    return opened;
  } catch (error) {
    opening.close();
    return { ok: false, fault: `the book could not be opened: ${messageOf(error)}` };
  }
}

class Opening {
  readonly #files: BookFiles;
  readonly #path: (name: string) => string;
  #db: Db | null = null;
  #readOnly = false;
  #copyDb: Db | null = null;
  #copy: StoredBook | null = null;

  constructor(files: BookFiles) {
    this.#files = files;
    this.#path = (name) => join(files.folder, name);
  }

  open(): OpenedFiles {
    const { signer } = this.#files;
    const record = openBookRecord(this.#path(RECORD), signer).read();
    const existed = existsSync(this.#path(MARK)) || record.found !== "nothing";
    const opened = this.#openMain(existed);
    if (!opened.ok && isFinal(opened)) return { ok: false, fault: faultOf(opened) };
    if (opened.ok) this.#db = opened.db;
    const main = this.#db && this.#storedIn(this.#db);
    const found: Candidate = main ? main.read() : notOpened(opened);
    const copied: { read: Candidate | null; tooNew: boolean } = { read: null, tooNew: false };
    const readCopy = () => {
      const copy = this.#openCopyDb(false);
      copied.tooNew = !copy.ok && copy.reason === "too-new";
      copied.read = copy.ok ? this.#storedIn(copy.db).read() : notOpened(copy);
      return copied.read;
    };
    const choice = chooseBook(found, readCopy, { record, existed });
    if (copied.tooNew) return { ok: false, fault: "the copy of the book is of a later version: update this unit" };
    switch (choice.use) {
      case "nothing":
        return { ok: false, fault: `${choice.why}; ${NEXT}` };
      case "new": {
        const { place, seal } = this.#files;
        const book = Object.freeze(emptyBook(signer.account, place.region, place.timeZone, seal));
        return this.#keep({ book, restored: null, isSaved: false });
      }
      case "database": {
        if (!found.ok) throw new Error("there is no book in the database");
        const signatures = record.found === "record" ? record.confirmed.signatures : [];
        const isCopied = this.#isCopied(found.book, (signature) => signatures.includes(signature));
        return this.#keep({ book: found.book, restored: null, isSaved: found.signed && isCopied, main });
      }
      case "copy": {
        if (!copied.read?.ok) throw new Error("there is no book in the copy");
        this.#moveAside(DATABASE);
        return this.#keep({ book: copied.read.book, restored: choice.why, isSaved: false });
      }
    }
  }

  close(): void {
    this.#db?.close();
    this.#copyDb?.close();
    this.#db = null;
    this.#copyDb = null;
  }

  #keep(chosen: {
    book: Book;
    restored: string | null;
    /** In the database, in the copy and in the record. */
    isSaved: boolean;
    main?: StoredBook | null;
  }): OpenedFiles {
    const { book, restored, isSaved } = chosen;
    const { signer, onStep } = this.#files;
    const db = this.#db ?? this.#makeDb();
    const main = chosen.main ?? this.#storedIn(db);
    const kept = new KeptBook({
      main,
      copy: this.#copy,
      openCopy: () => this.#makeCopy(),
      record: openBookRecord(this.#path(RECORD), signer),
      book,
      isSaved,
      onStep,
    });
    // A disk that refuses this is told of by the store, which tries again: the book itself is there and proven.
    const unsaved = isSaved ? null : trying(() => kept.save(book));
    if (unsaved !== null && (restored !== null || !chosen.main))
      return { ok: false, fault: `the disk refuses: ${unsaved}` };
    if (!existsSync(this.#path(MARK))) trying(() => prepareFile(this.#path(MARK), new Uint8Array())());
    return { ok: true, db, kept, book, restored, readOnly: this.#readOnly, close: () => this.close() };
  }

  /** Does the copy hold just this book? Else it is written anew. */
  #isCopied(book: Book, isKnown: (signatureHash: string) => boolean): boolean {
    if (!this.#copyDb) this.#openCopyDb(false);
    const copy = this.#copyDb && this.#storedIn(this.#copyDb);
    if (!copy?.isThe(book, isKnown)) return false;
    this.#copy = copy;
    return true;
  }

  /** A copy that cannot be read is moved aside, never deleted. */
  #makeCopy(): StoredBook {
    if (!this.#copyDb && existsSync(this.#path(COPY)) && !this.#openCopyDb(false).ok) this.#moveAside(COPY);
    if (!this.#copyDb) {
      const made = this.#openCopyDb(true);
      if (!made.ok) throw new Error(made.detail);
    }
    if (!this.#copyDb) throw new Error("there is no copy");
    return this.#storedIn(this.#copyDb);
  }

  #openCopyDb(mayCreate: boolean): OpenedDb {
    const { copyKey: key } = this.#files;
    const opened = openDb({ path: this.#path(COPY), key, mayCreate });
    if (opened.ok) this.#copyDb = opened.db;
    return opened;
  }

  /** A disk that takes no writing is no reason to let nobody in: the book can be read all the same. */
  #openMain(existed: boolean): OpenedDb {
    const place = { path: this.#path(DATABASE), key: this.#files.databaseKey };
    const opened = openDb({ ...place, mayCreate: !existed });
    if (opened.ok || opened.reason !== "disk" || !existsSync(place.path)) return opened;
    const toRead = openDbToRead(place);
    this.#readOnly = toRead.ok;
    return toRead.ok ? toRead : opened;
  }

  #makeDb(): Db {
    const made = openDb({ path: this.#path(DATABASE), key: this.#files.databaseKey });
    if (!made.ok) throw new Error(made.detail);
    this.#db = made.db;
    return made.db;
  }

  #storedIn(db: Db): StoredBook {
    const { signer, place, seal } = this.#files;
    return new StoredBook({ db, signer, place, seal });
  }

  #moveAside(name: string): void {
    const isMain = name === DATABASE;
    (isMain ? this.#db : this.#copyDb)?.close();
    if (isMain) this.#db = null;
    else this.#copyDb = null;
    const aside = freeName(this.#path(`${name}.damaged-${new Date(this.#files.nowMs).toISOString().slice(0, 10)}`));
    for (const part of ["", "-wal", "-shm"]) {
      const path = `${this.#path(name)}${part}`;
      if (existsSync(path)) renameSync(path, `${aside}${part}`);
    }
    syncFolder(dirname(aside));
  }
}

/** These say nothing against the database; the copy is no way around them. */
function isFinal({ reason }: Extract<OpenedDb, { ok: false }>): boolean {
  return reason === "too-new" || reason === "in-use" || reason === "disk";
}

function faultOf({ reason, detail }: Extract<OpenedDb, { ok: false }>): string {
  switch (reason) {
    case "too-new":
      return `a later version of Porter wrote the database (${detail}): update this unit`;
    case "in-use":
      return "another process has the database: stop it first";
    case "disk":
      return `the disk refuses the database: ${detail}`;
    case "missing":
    case "unreadable":
      return `the database is ${reason}: ${detail}`;
  }
}

function notOpened(opened: OpenedDb): Candidate {
  if (opened.ok) throw new Error("it is open");
  const { reason, detail } = opened;
  return { ok: false, reason: reason === "missing" ? "absent" : "unreadable", detail };
}

function freeName(path: string): string {
  let free = path;
  for (let number = 2; existsSync(free); number += 1) free = `${path}.${number}`;
  return free;
}

function trying(work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
