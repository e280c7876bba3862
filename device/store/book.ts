import * as v from "valibot";
import type { AccountId, Block, Book, Person } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import { AccountIdSchema } from "./account-id.ts";
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

/** Reads the owner's book, or starts an empty one where this owner has none yet. Never throws. */
export function openBookStore(db: Db, owner: AccountId): OpenedBook {
  let book: Book;
  try {
    book = loadBook(db, owner) ?? startBook(db, owner);
  } catch (error) {
    return { ok: false, reason: "unreadable", detail: error instanceof Error ? error.message : String(error) };
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
        return {
          ok: false,
          why: { code: "not-saved", detail: error instanceof Error ? error.message : String(error) },
        };
      }
      book = applied.book;
      return applied;
    },
    personOf: (account) => lookup(book).person(account),
  };
  return { ok: true, store };
}

const BookRow = v.strictObject({
  revision: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  calling: v.picklist(["on", "off"]),
  unknown: v.picklist(["hold", "drop"]),
});

function json<Schema extends v.GenericSchema>(schema: Schema) {
  return v.pipe(v.string(), v.parseJson(), schema);
}

const PersonRow = v.strictObject({
  id: v.pipe(v.string(), v.nonEmpty()),
  name: v.pipe(v.string(), v.nonEmpty()),
  aliases: json(v.array(v.string())),
  accounts: json(v.array(AccountIdSchema)),
  grants: json(v.array(v.picklist(["ring", "message", "announce", "drop-in"]))),
});

const BlockRow = v.variant("kind", [
  v.strictObject({ kind: v.literal("person"), target: v.string() }),
  v.strictObject({ kind: v.literal("account"), target: AccountIdSchema }),
  v.strictObject({ kind: v.literal("unknown"), target: v.literal("") }),
]);

/** Null where this owner has no book. Throws on anything that is not one. */
function loadBook(db: Db, owner: AccountId): Book | null {
  const bookRow = db.prepare("SELECT revision, calling, unknown FROM book WHERE owner = ?").get(owner);
  if (bookRow === undefined) return null;
  const head = v.parse(BookRow, bookRow);
  const personRows = db.prepare(
    "SELECT id, name, aliases, accounts, grants FROM person WHERE owner = ? ORDER BY position",
  );
  const people: Person[] = [];
  const ids = new Set<string>();
  const accounts = new Set<AccountId>();
  for (const row of personRows.iterate(owner)) {
    const person = Object.freeze(v.parse(PersonRow, row));
    for (const account of person.accounts) {
      if (accounts.has(account)) throw new Error("an account stands with two people");
      accounts.add(account);
    }
    ids.add(person.id);
    people.push(person);
  }
  const blockRows = db.prepare("SELECT kind, target FROM block WHERE owner = ? ORDER BY rowid").all(owner);
  const blocks = blockRows.map((row) => toBlock(v.parse(BlockRow, row)));
  for (const block of blocks) {
    if ("person" in block && !ids.has(block.person)) throw new Error("a block names nobody in the book");
  }
  return Object.freeze({ ...head, owner, people, blocks });
}

function startBook(db: Db, owner: AccountId): Book {
  const book: Book = { revision: 1, owner, calling: "on", unknown: "hold", people: [], blocks: [] };
  db.prepare("INSERT INTO book (owner, revision, calling, unknown) VALUES (?, ?, ?, ?)").run(
    owner,
    book.revision,
    book.calling,
    book.unknown,
  );
  return Object.freeze(book);
}

/** One transaction with what differs; committed to the disk when it returns, undone when it throws. */
function saveChange(db: Db, before: Book, after: Book): void {
  db.transaction(() => {
    const { changes } = db
      .prepare("UPDATE book SET revision = ?, calling = ?, unknown = ? WHERE owner = ? AND revision = ?")
      .run(after.revision, after.calling, after.unknown, after.owner, before.revision);
    if (changes !== 1) throw new Error("the stored book is not the one in memory");
    if (after.people !== before.people) savePeople(db, before, after);
    if (after.blocks !== before.blocks) saveBlocks(db, before, after);
  })();
}

function savePeople(db: Db, before: Book, after: Book): void {
  const was = new Map(before.people.map((person) => [person.id, person]));
  const upsert = db.prepare(
    `INSERT INTO person (owner, id, name, aliases, accounts, grants) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (owner, id) DO UPDATE SET
       name = excluded.name, aliases = excluded.aliases, accounts = excluded.accounts, grants = excluded.grants`,
  );
  for (const person of after.people) {
    const same = was.get(person.id) === person;
    was.delete(person.id);
    if (same) continue;
    const lists = [person.aliases, person.accounts, person.grants].map((list) => JSON.stringify(list));
    upsert.run(after.owner, person.id, person.name, ...lists);
  }
  const remove = db.prepare("DELETE FROM person WHERE owner = ? AND id = ?");
  for (const id of was.keys()) remove.run(after.owner, id);
}

function saveBlocks(db: Db, before: Book, after: Book): void {
  const was = new Map(before.blocks.map((block) => [rowOf(block).join(" "), rowOf(block)]));
  const insert = db.prepare("INSERT INTO block (owner, kind, target) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  for (const block of after.blocks) {
    const row = rowOf(block);
    if (!was.delete(row.join(" "))) insert.run(after.owner, ...row);
  }
  const remove = db.prepare("DELETE FROM block WHERE owner = ? AND kind = ? AND target = ?");
  for (const row of was.values()) remove.run(after.owner, ...row);
}

function rowOf(block: Block): [kind: string, target: string] {
  if ("person" in block) return ["person", block.person];
  if ("account" in block) return ["account", block.account];
  return ["unknown", ""];
}

function toBlock(row: v.InferOutput<typeof BlockRow>): Block {
  switch (row.kind) {
    case "person":
      return { person: row.target };
    case "account":
      return { account: row.target };
    case "unknown":
      return { unknown: true };
  }
}
