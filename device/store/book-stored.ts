import { hash } from "node:crypto";
import * as v from "valibot";
import type { Book, SealOf } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import { PackedMap } from "../gate/packed-map.ts";
import { LIST_NAMES, LISTS, type ListFormat, type ListName, type Lists } from "./book-lists.ts";
import { digestOf, type Piece, repiece } from "./book-pieces.ts";
import { type Place, readRules, type SaidPlace, writeRules } from "./book-rules.ts";
import { type BookSigner, signedBytes } from "./book-signature.ts";
import type { Db } from "./db.ts";

type Pieces = Readonly<Record<ListName, readonly Piece[]>>;

/** What is written in place of a book, and how it is known again. */
type State = Readonly<{ book: Lists; said: SaidPlace; pieces: Pieces; revision: number; signatureHash: string }>;

/** `signed` false: moved here by a migration, and so proven by nothing. */
export type ReadBook = Readonly<
  | { ok: true; book: Book; signed: boolean; signatureHash: string }
  | { ok: false; reason: "absent" | "unreadable"; detail: string }
>;

const NO_PIECES: Pieces = { people: [], blocks: [], deleted: [] };
const NOTHING: State = {
  book: { people: [], blocks: [], deleted: [] },
  said: { region: null, timeZone: null },
  pieces: NO_PIECES,
  revision: 0,
  signatureHash: "",
};

const Numbers = v.array(v.pipe(v.number(), v.safeInteger()));
const Head = v.strictObject({
  revision: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  rules: v.string(),
  pieces: v.pipe(v.string(), v.parseJson(), v.strictObject({ people: Numbers, blocks: Numbers, deleted: Numbers })),
  signature: v.nullable(v.instance(Uint8Array)),
});

/** `seal`: what whoever is deleted is sealed with, the same at every start (`Keystore.seal`). */
export type StoredBookOptions = Readonly<{ db: Db; signer: BookSigner; place: Place; seal: SealOf }>;

/** One owner's book in one database: the unit's own, or the copy. It remembers what stands there, and writes what differs. */
export class StoredBook {
  readonly #db: Db;
  readonly #signer: BookSigner;
  readonly #place: Place;
  readonly #seal: SealOf;
  #state: State = NOTHING;
  /** What `write` put there, which counts once it is committed. */
  #pending: State | null = null;

  constructor({ db, signer, place, seal }: StoredBookOptions) {
    this.#db = db;
    this.#signer = signer;
    this.#place = place;
    this.#seal = seal;
  }

  /** The signature of what `begin` wrote. */
  get pendingSignatureHash(): string {
    return this.#pending?.signatureHash ?? "";
  }

  /** Reads what stands there and proves it by its signature. Budget 300 ms for 100,000 people and blocks. Never throws. */
  read(): ReadBook {
    try {
      return this.#read();
    } catch (error) {
      return { ok: false, reason: "unreadable", detail: error instanceof Error ? error.message : String(error) };
    }
  }

  /**
   * Is what stands there a whole book of the same revision, of which `isKnown` knows the signature? It is then taken to be
   * this one. Costs less than reading it. Never throws.
   */
  isThe(book: Book, isKnown: (signatureHash: string) => boolean): boolean {
    try {
      const head = this.#readHead();
      if (!head?.signed || head.revision !== book.revision || !isKnown(head.signatureHash)) return false;
      const { said, pieces, revision, signatureHash } = head;
      this.#state = { book, said, pieces, revision, signatureHash };
      return true;
    } catch {
      return false;
    }
  }

  /** Forgets what it knows of what stands there: the next `begin` writes all of it anew. */
  startAnew(): void {
    this.#state = NOTHING;
  }

  /** Writes the book in a transaction that stays open: `commit` or `rollBack` comes next. Throws where the disk refuses. */
  begin(book: Book): void {
    const { account: owner } = this.#signer;
    const old = this.#state;
    const said = {
      region: sayPlace(old.said.region, this.#place.region, book.region),
      timeZone: sayPlace(old.said.timeZone, this.#place.timeZone, book.timeZone),
    };
    this.#db.exec("BEGIN IMMEDIATE");
    if (old.revision === 0) {
      for (const table of ["book_piece", "book_head"])
        this.#db.prepare(`DELETE FROM ${table} WHERE owner = ?`).run(owner);
    }
    const people = this.#writeList("people", LISTS.people, old.book.people, book.people);
    const blocks = this.#writeList("blocks", LISTS.blocks, old.book.blocks, book.blocks);
    const deleted = this.#writeList("deleted", LISTS.deleted, old.book.deleted, book.deleted);
    const pieces: Pieces = { people, blocks, deleted };
    const rules = writeRules(book, said);
    const bytes = signedBytes({ owner, revision: book.revision, rules, digests: digestsOf(pieces) });
    const signature = this.#signer.signBook("stored", bytes);
    const numbers = { people: numbersOf(people), blocks: numbersOf(blocks), deleted: numbersOf(deleted) };
    this.#db
      .prepare("INSERT OR REPLACE INTO book_head (owner, revision, rules, pieces, signature) VALUES (?, ?, ?, ?, ?)")
      .run(owner, book.revision, rules, JSON.stringify(numbers), signature);
    const { revision } = book;
    this.#pending = { book, said, pieces, revision, signatureHash: hashOf(signature) };
  }

  /** What `begin` wrote is on the disk when it returns. Throws where the disk refuses. */
  commit(): void {
    this.#db.exec("COMMIT");
    const isAnyGone = (this.#pending?.book.people.length ?? 0) < this.#state.book.people.length;
    this.#state = this.#pending ?? this.#state;
    this.#pending = null;
    if (isAnyGone) this.#leaveNoRemains();
  }

  /** What was overwritten stands in the write-ahead log still. It was saved: whatever the disk says now changes nothing. */
  #leaveNoRemains(): void {
    try {
      this.#db.pragma("wal_checkpoint(TRUNCATE)");
    } catch {
      // The next checkpoint does it.
    }
  }

  rollBack(): void {
    this.#pending = null;
    if (this.#db.open && this.#db.inTransaction) this.#db.exec("ROLLBACK");
  }

  #read(): ReadBook {
    const head = this.#readHead();
    if (head === null) return { ok: false, reason: "absent", detail: "there is no book in it" };
    const { owner, revision, rules, said, signed, signatureHash, contents } = head;
    const book: Book = Object.freeze({
      ...rules,
      owner,
      revision,
      people: contents.people.flatMap((content) => LISTS.people.read(parse(content))),
      blocks: contents.blocks.flatMap((content) => LISTS.blocks.read(parse(content))),
      deleted: contents.deleted.flatMap((content) => LISTS.deleted.read(parse(content))),
      seal: this.#seal,
    });
    checkWhole(book);
    // What was moved here by a migration is written anew as a whole.
    this.#state = signed ? { book, said, pieces: head.pieces, revision, signatureHash } : { ...NOTHING, said };
    return { ok: true, book, signed, signatureHash };
  }

  /** What stands there, proven, with its lists as they are written; null where there is no book. */
  #readHead() {
    const { account: owner } = this.#signer;
    const row = this.#db.prepare("SELECT revision, rules, pieces, signature FROM book_head WHERE owner = ?").get(owner);
    if (row === undefined) return null;
    const { revision, rules: text, pieces: numbers, signature } = v.parse(Head, row);
    const people = this.#readPieces("people", numbers.people);
    const blocks = this.#readPieces("blocks", numbers.blocks);
    const deleted = this.#readPieces("deleted", numbers.deleted);
    const pieces: Pieces = { people: people.pieces, blocks: blocks.pieces, deleted: deleted.pieces };
    const bytes = signedBytes({ owner, revision, rules: text, digests: digestsOf(pieces) });
    if (signature && !this.#signer.holdsBook("stored", bytes, signature))
      throw new Error("it is not what this unit wrote");
    const contents = { people: people.contents, blocks: blocks.contents, deleted: deleted.contents };
    const { rules, said } = readRules(text, this.#place);
    return {
      owner,
      revision,
      rules,
      said,
      pieces,
      contents,
      signed: signature !== null,
      signatureHash: signature ? hashOf(signature) : "",
    };
  }

  #readPieces(list: ListName, numbers: readonly number[]) {
    const read = this.#db
      .prepare("SELECT entries, content FROM book_piece WHERE owner = ? AND list = ? AND number = ?")
      .raw();
    const contents: Buffer[] = [];
    const pieces: Piece[] = [];
    for (const number of numbers) {
      const row = read.get(this.#signer.account, list, number);
      const [entries, content]: unknown[] = Array.isArray(row) ? row : [];
      if (typeof entries !== "number" || !Buffer.isBuffer(content))
        throw new Error(`a piece of the ${list} is missing`);
      contents.push(content);
      pieces.push({ number, entries, digest: digestOf(content) });
    }
    return { contents, pieces };
  }

  #writeList<Item>(
    list: ListName,
    format: ListFormat<Item>,
    before: readonly Item[],
    after: readonly Item[],
  ): readonly Piece[] {
    const { pieces, written, gone } = repiece(this.#state.pieces[list], before, after, format.write);
    const put = this.#db.prepare(
      "INSERT OR REPLACE INTO book_piece (owner, list, number, entries, content) VALUES (?, ?, ?, ?, ?)",
    );
    const { account: owner } = this.#signer;
    for (const { number, entries, content } of written) put.run(owner, list, number, entries, content);
    const remove = this.#db.prepare("DELETE FROM book_piece WHERE owner = ? AND list = ? AND number = ?");
    for (const number of gone) remove.run(owner, list, number);
    return pieces;
  }
}

/** Written only once the owner has said it: until then it is the config's. */
function sayPlace(said: string | null, usual: string, now: string): string | null {
  return said === null && now === usual ? null : now;
}

/** The index is made here, so that the first caller does not wait for it. */
function checkWhole(book: Book): void {
  const ids = packedIds(book) ?? new Set(book.people.map(({ id }) => id));
  if (ids.size !== book.people.length) throw new Error("two people have one id");
  for (const block of book.blocks)
    if ("person" in block && !ids.has(block.person)) throw new Error("a block names nobody in the book");
  if (lookup(book).isAnyAccountShared) throw new Error("an account stands with two people");
}

/** Null where two are the same, or may be. */
function packedIds({ people }: Book): PackedMap<true> | null {
  const ids = new PackedMap<true>(people.length);
  for (const { id } of people) if (!ids.add(id, true)) return null;
  return ids;
}

function digestsOf(pieces: Pieces): Record<string, readonly string[]> {
  return Object.fromEntries(LIST_NAMES.map((list) => [list, pieces[list].map(({ digest }) => digest)]));
}

function numbersOf(pieces: readonly Piece[]): number[] {
  return pieces.map(({ number }) => number);
}

function hashOf(signature: Uint8Array): string {
  return hash("sha256", signature, "base64");
}

function parse(content: Buffer): unknown {
  return JSON.parse(content.toString("utf8"));
}
