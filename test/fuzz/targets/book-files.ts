import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Book } from "#device/gate/book.ts";
import { type BookFiles, COPY, DATABASE, MARK, openBookFiles, RECORD } from "#device/store/book-open.ts";
import { testSeal } from "#test/house/books.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";
import { after, EARLIER, LAST } from "../book-changes.ts";
import { NOON_MS } from "../cast.ts";
import { BOOK_SIGNER } from "../memory-unit.ts";
import { mutateBytes } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, type Target } from "../target.ts";
import { assertIsBook } from "./is-book.ts";

type Name = (typeof NAMES)[number];
const NAMES = [DATABASE, COPY, RECORD, MARK] as const;
type Folder = Readonly<Record<Name, Buffer>>;
type Kept = Readonly<{ book: Book; files: Folder }>;

/** A unit's folder as a disk, or somebody without the unit's keys, may leave it: files cut, zeroed, flipped, exchanged, old, gone. */
export const bookFiles: Target = {
  name: "book-files",
  meets: ["whole", "restored", "nobody gets in"],
  async open() {
    const place = await makeTempFolder();
    const older = make(place.path, null);
    const last = make(place.path, older);
    const attack = (random: Random) => {
      const found = damaged(random, older.files, last.files);
      put(place.path, found);
      return start(place.path, found, older, last);
    };
    return { attack, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
  },
};

function filesOf(folder: string): BookFiles {
  return {
    folder,
    signer: BOOK_SIGNER,
    databaseKey: new Uint8Array(32).fill(7),
    copyKey: new Uint8Array(32).fill(8),
    place: { region: "GB", timeZone: "Europe/London" },
    seal: testSeal,
    nowMs: NOON_MS,
  };
}

function make(folder: string, before: Kept | null): Kept {
  const opened = openBookFiles(filesOf(folder));
  if (!opened.ok) throw new Error(opened.fault);
  const book = after(opened.book, before ? LAST : EARLIER);
  opened.kept.save(book);
  opened.close();
  const read = (name: Name) => readFileSync(join(folder, name));
  return {
    book,
    files: { [DATABASE]: read(DATABASE), [COPY]: read(COPY), [RECORD]: read(RECORD), [MARK]: read(MARK) },
  };
}

type Found = Readonly<Record<Name, Uint8Array | null>>;

function damaged(random: Random, older: Folder, last: Folder): Found {
  // Half of them are whole but for one.
  const only = random.chance(0.5) ? random.pick(NAMES) : null;
  const of = (name: Name) => {
    const isWhole = only ? name !== only : random.chance(0.4);
    return isWhole ? last[name] : damagedFile(random, last[name], [older[name], ...Object.values(last)]);
  };
  return { [DATABASE]: of(DATABASE), [COPY]: of(COPY), [RECORD]: of(RECORD), [MARK]: of(MARK) };
}

function damagedFile(random: Random, bytes: Buffer, [older, ...others]: readonly Buffer[]): Uint8Array | null {
  switch (random.below(6)) {
    case 0:
      return null;
    case 1:
      return older ?? null;
    case 2:
      return new Uint8Array(random.chance(0.5) ? 0 : bytes.length);
    case 3:
      return random.pick(others);
    case 4:
      return bytes.subarray(0, random.below(bytes.length + 1));
    default:
      return mutateBytes(random, bytes, others);
  }
}

function put(folder: string, found: Found): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  for (const name of NAMES) if (found[name]) writeFileSync(join(folder, name), found[name]);
}

function start(folder: string, found: Found, older: Kept, last: Kept): string {
  const opened = openBookFiles(filesOf(folder));
  if (!opened.ok) return "nobody gets in";
  const { book, restored } = opened;
  opened.close();
  assertIsBook(book);
  const end = restored === null ? "whole" : "restored";
  if (!isSame(book, last.book)) {
    const record = found[RECORD];
    if (record && Buffer.compare(record, last.files[RECORD]) === 0) broken("not the book that was confirmed last");
    const isNew = book.people.length === 0 && book.blocks.length === 0 && book.deleted.length === 0;
    if (isNew ? record !== null || found[MARK] !== null : !isSame(book, older.book)) broken("a book of nobody's");
    return isNew ? "new" : "older";
  }
  const again = openBookFiles(filesOf(folder));
  if (!again.ok || again.restored !== null || !isSame(again.book, book)) broken("the next start finds something else");
  again.close();
  return end;
}

function isSame(one: Book, other: Book): boolean {
  return isDeepStrictEqual({ ...one }, { ...other });
}
