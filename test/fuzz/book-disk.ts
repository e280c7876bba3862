import { readFileSync, rmSync, writeFileSync } from "node:fs";
import * as v from "valibot";
import type { Book } from "#device/gate/book.ts";
import { chooseBook } from "#device/store/book-choice.ts";
import { LIST_NAMES, type ListName } from "#device/store/book-lists.ts";
import { openBookRecord } from "#device/store/book-record.ts";
import type { Db } from "#device/store/db.ts";
import { OWNER } from "./cast.ts";
import { BOOK_SIGNER, storedIn } from "./memory-unit.ts";

export type Piece = Readonly<{ number: unknown; entries: unknown; content: unknown }>;
/** What a book is in a database. */
export type Rows = Readonly<{
  revision: unknown;
  rules: unknown;
  pieces: unknown;
  signature: unknown;
  lists: Readonly<Record<ListName, readonly Piece[]>>;
}>;
/** A genuine book wherever it stands: written by a unit, signed, and confirmed. */
export type Kept = Readonly<{ book: Book; main: Rows; copy: Rows; record: Uint8Array }>;

/** Two databases and the file of the record. */
export class Disk {
  readonly main: Db;
  readonly copy: Db;
  readonly #record: string;

  constructor(main: Db, copy: Db, record: string) {
    this.main = main;
    this.copy = copy;
    this.#record = record;
  }

  /** As a unit keeps it. */
  keep(book: Book): Kept {
    const signatures = [this.main, this.copy].map((db) => {
      const stored = storedIn(db);
      stored.begin(book);
      const signature = stored.pendingSignatureHash;
      stored.commit();
      return signature;
    });
    openBookRecord(this.#record, BOOK_SIGNER).prepare({ revision: book.revision, signatures })();
    return { book, main: rowsIn(this.main), copy: rowsIn(this.copy), record: readFileSync(this.#record) };
  }

  put(main: Rows | null, copy: Rows | null, record: Uint8Array | null): void {
    put(this.main, main);
    put(this.copy, copy);
    if (record) writeFileSync(this.#record, record);
    else rmSync(this.#record, { force: true });
  }

  /** What a unit takes for its book when it starts; `existed`: by the mark in its folder. */
  start(isMarked: boolean) {
    const record = openBookRecord(this.#record, BOOK_SIGNER).read();
    const existed = isMarked || record.found !== "nothing";
    const [main, copy] = [storedIn(this.main).read(), storedIn(this.copy).read()];
    return { main, copy, record, existed, choice: chooseBook(main, () => copy, { record, existed }) };
  }
}

const Head = v.looseObject({ revision: v.number(), rules: v.string(), pieces: v.string(), signature: v.unknown() });

function rowsIn(db: Db): Rows {
  const { revision, rules, pieces, signature } = v.parse(Head, db.prepare("SELECT * FROM book_head").get());
  const read = db.prepare("SELECT number, entries, content FROM book_piece WHERE list = ? ORDER BY number");
  const of = (list: ListName) => read.all(list) as Piece[];
  return {
    revision,
    rules,
    pieces,
    signature,
    lists: { people: of("people"), blocks: of("blocks"), deleted: of("deleted") },
  };
}

/** A value that a column's type refuses is left out with its row. */
function put(db: Db, rows: Rows | null): void {
  db.exec("DELETE FROM book_piece; DELETE FROM book_head");
  if (!rows) return;
  const { revision, rules, pieces, signature, lists } = rows;
  insert(db, "INSERT INTO book_head (owner, revision, rules, pieces, signature) VALUES (?, ?, ?, ?, ?)", [
    OWNER,
    revision,
    rules,
    pieces,
    signature,
  ]);
  const piece = "INSERT OR REPLACE INTO book_piece (owner, list, number, entries, content) VALUES (?, ?, ?, ?, ?)";
  for (const list of LIST_NAMES)
    for (const { number, entries, content } of lists[list]) insert(db, piece, [OWNER, list, number, entries, content]);
}

function insert(db: Db, sql: string, values: readonly unknown[]): void {
  try {
    db.prepare(sql).run(...values.map(storable));
  } catch {
    // Not of the column's type.
  }
}

function storable(value: unknown): string {
  const plain = typeof value === "boolean" ? (value ? 1 : 0) : value;
  const isTree = typeof plain === "object" && plain !== null && !(plain instanceof Uint8Array);
  return (isTree ? JSON.stringify(plain) : plain) as string;
}
