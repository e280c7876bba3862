import { hash } from "node:crypto";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Book, emptyBook } from "#device/gate/book.ts";
import type { Candidate } from "#device/store/book-choice.ts";
import { LIST_NAMES } from "#device/store/book-lists.ts";
import { digestOf } from "#device/store/book-pieces.ts";
import { type BookSigned, signedBytes } from "#device/store/book-signature.ts";
import { encodeCbor } from "#device/wire/cbor.ts";
import { testSeal } from "#test/house/books.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";
import { after, EARLIER, LAST } from "../book-changes.ts";
import { Disk, type Kept, type Piece, type Rows } from "../book-disk.ts";
import { ANA, OWNER } from "../cast.ts";
import { BOOK_SIGNER, memoryDb } from "../memory-unit.ts";
import { mutateBytes, mutateText, mutateValue, oddValue } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, type Target } from "../target.ts";
import { writeWildCbor } from "../wild-cbor.ts";
import { assertIsBook } from "./is-book.ts";

const WORDS = [
  '"',
  "[",
  "]",
  "{",
  "}",
  '"ring"',
  ANA,
  "+441234",
  "ana",
  ",",
  "null",
  "\\u0000",
  "__proto__",
  "0",
  '""',
];

/**
 * A book on a disk that rotted, that was rolled back, or that somebody wrote to who has the keys of the databases; or
 * under the unit's own signature one that no unit of this version would write.
 */
export const bookRows: Target = {
  name: "book-rows",
  meets: ["database", "copy", "older", "unsigned", "new", "nothing", "signed", "unreadable"],
  async open() {
    const folder = await makeTempFolder();
    const [main, copy] = [memoryDb(), memoryDb()];
    const disk = new Disk(main, copy, join(folder.path, "record"));
    const older = disk.keep(after(emptyBook(OWNER, "GB", "Europe/London", testSeal), EARLIER));
    const last = disk.keep(after(older.book, LAST));
    // What a CHECK would refuse may stand there all the same.
    for (const db of [main, copy]) db.pragma("ignore_check_constraints = ON");
    const attack = (random: Random) =>
      random.chance(0.4) ? trySigned(random, disk, last) : tryUnsigned(random, disk, older, last);
    const close = async () => {
      main.close();
      copy.close();
      await folder[Symbol.asyncDispose]();
    };
    return { attack, [Symbol.asyncDispose]: close };
  },
};

/** Nobody signed it: then it is the last book that was confirmed, or none, as far as anything is left that knows of it. */
function tryUnsigned(random: Random, disk: Disk, older: Kept, last: Kept): string {
  const rowsOf = (which: "main" | "copy") => {
    const rows = random.chance(0.3) ? older[which] : last[which];
    if (random.chance(0.15)) return null;
    return random.chance(0.4) ? damagedRows(random, rows, [older.main, last.copy]) : rows;
  };
  const record = random.chance(0.2) ? null : random.chance(0.3) ? older.record : last.record;
  const wild = record && random.chance(0.15) ? mutateBytes(random, record, [older.record, last.record]) : record;
  disk.put(rowsOf("main"), rowsOf("copy"), wild);
  const isMarked = random.chance(0.7);
  const { main, copy, record: found, choice } = disk.start(isMarked);
  if (found.found === "record" && ![older, last].some(({ record: each }) => isSameBytes(each, wild)))
    broken("a record that no unit signed");
  const knowsLast = found.found === "record" && found.confirmed.revision >= last.book.revision;
  switch (choice.use) {
    case "nothing":
      return "nothing";
    case "new":
      if (isMarked || wild !== null || holds(main)) broken("a new book where there was one");
      return "new";
    case "database":
    case "copy": {
      const { book, signed } = taken(choice.use === "copy" ? copy : main);
      assertIsBook(book);
      if (!signed) {
        if (wild !== null || (holds(copy) && !isSame(copy, book))) broken("an unsigned book beside a signed one");
        return "unsigned";
      }
      if (isDeepStrictEqual({ ...book }, { ...last.book })) return choice.use;
      if (!isDeepStrictEqual({ ...book }, { ...older.book })) broken("a book that no unit signed");
      if (knowsLast) broken("an older book than was confirmed");
      if (found.found !== "record" && [main, copy].some((each) => each.ok && each.book.revision > book.revision))
        broken("the older of two books");
      return "older";
    }
  }
}

function isSameBytes(one: Uint8Array, other: Uint8Array | null): boolean {
  return other !== null && Buffer.compare(one, other) === 0;
}

function holds(candidate: Candidate): boolean {
  return candidate.ok || candidate.reason !== "absent";
}

/** As where a unit was cut off while it signed its book for the first time. */
function isSame(copy: Candidate, book: Book): boolean {
  return copy.ok && copy.signed && isDeepStrictEqual({ ...copy.book, revision: book.revision }, { ...book });
}

function taken(candidate: Candidate): Extract<Candidate, { ok: true }> {
  return candidate.ok ? candidate : broken("a book was chosen that could not be read");
}

function damagedRows(random: Random, rows: Rows, others: readonly Rows[]): Rows {
  const list = random.pick(LIST_NAMES);
  switch (random.below(7)) {
    case 0:
      return { ...rows, signature: null };
    case 1:
      return {
        ...rows,
        signature: random.chance(0.5) ? random.pick(others).signature : wildOf(random, rows.signature),
      };
    case 2:
      return { ...rows, revision: wildOf(random, rows.revision) };
    case 3:
      return { ...rows, rules: wildOf(random, rows.rules) };
    case 4:
      return { ...rows, pieces: random.chance(0.5) ? random.pick(others).pieces : wildOf(random, rows.pieces) };
    case 5:
      return { ...rows, lists: { ...rows.lists, [list]: random.pick(others).lists[list] } };
    default: {
      const pieces = rows.lists[list].map((piece) => ({ ...piece, ...wildPiece(random, piece) }));
      return { ...rows, lists: { ...rows.lists, [list]: random.chance(0.2) ? [] : pieces } };
    }
  }
}

function wildPiece(random: Random, { number, entries, content }: Piece): Partial<Piece> {
  if (random.chance(0.15)) return { number: wildOf(random, number) };
  if (random.chance(0.15)) return { entries: wildOf(random, entries) };
  return { content: wildContent(random, content) };
}

/** A piece's JSON, wrong in its bytes or in what it says. */
function wildContent(random: Random, content: unknown): unknown {
  if (!(content instanceof Uint8Array)) return content;
  const text = Buffer.from(content).toString("utf8");
  if (random.chance(0.1)) return mutateBytes(random, content);
  if (random.chance(0.5)) return Buffer.from(JSON.stringify(withDouble(random, JSON.parse(text))));
  const wild = random.chance(0.3)
    ? mutateText(random, text, WORDS)
    : (JSON.stringify(mutateValue(random, JSON.parse(text))) ?? "");
  return Buffer.from(wild);
}

/** Each entry by itself is one that a unit writes, but one says what another says, or is there twice. */
function withDouble(random: Random, written: Readonly<Record<string, unknown>>): unknown {
  const columns = Object.fromEntries(Object.entries(written).map(([name, column]) => [name, cellsOf(column)]));
  const rows = Object.values(columns)[0]?.length ?? 0;
  const [from, to] = [random.below(rows), random.chance(0.3) ? rows : random.below(rows)];
  const isWanted = (name: string, only: string) => to === rows || name === only;
  const column = random.pick(Object.keys(columns));
  return Object.fromEntries(
    Object.entries(columns).map(([name, cells]) => {
      const changed = [...cells];
      if (isWanted(name, column)) changed[to] = cells[from];
      return [name, changed];
    }),
  );
}

/** Of a column in any of the forms in which one is read. */
function cellsOf(column: unknown): readonly unknown[] {
  if (Array.isArray(column)) return column;
  if (typeof column === "string") return column.split("\x7f");
  const { of, at } = column as { of: readonly unknown[]; at: readonly number[] };
  return at.map((place) => of[place]);
}

function wildOf(random: Random, value: unknown): unknown {
  if (typeof value === "string" && random.chance(0.7)) return mutateText(random, value, WORDS);
  return value instanceof Uint8Array && random.chance(0.7) ? mutateBytes(random, value) : oddValue(random);
}

/** Signed, confirmed, and wrong inside: whatever is read of it is a book. */
function trySigned(random: Random, disk: Disk, { main }: Kept): string {
  const isAll = random.chance(0.2);
  const only = random.pick([...LIST_NAMES, "rules", "revision"]);
  const isWild = (what: string) => (isAll ? random.chance(0.4) : what === only);
  const lists = { ...main.lists };
  for (const list of LIST_NAMES) {
    if (!isWild(list)) continue;
    lists[list] = lists[list].map((piece) => ({ ...piece, content: wildContent(random, piece.content) }));
  }
  const isRevisionWild = isWild("revision");
  const rows = signedAnew({
    ...main,
    lists,
    rules: isWild("rules") ? wildRules(random, String(main.rules)) : main.rules,
    revision: isRevisionWild && random.chance(0.5) ? random.pick([0, -1, 1, 2 ** 53 - 1]) : main.revision,
  });
  const what: BookSigned = random.chance(0.05) ? "stored" : "revision";
  disk.put(rows, null, recordOf(random, rows, { what, isWild: isRevisionWild }));
  const { main: found, record, choice } = disk.start(true);
  if (what === "stored" && record.found !== "damaged") broken("a record by the signature of something else");
  if (choice.use === "nothing") return "unreadable";
  if (choice.use !== "database") broken("something else than what was signed");
  assertIsBook(taken(found).book);
  return "signed";
}

function wildRules(random: Random, rules: string): string {
  if (random.chance(0.3)) return mutateText(random, rules, WORDS);
  return JSON.stringify(mutateValue(random, JSON.parse(rules))) ?? "";
}

function signedAnew(rows: Rows): Rows {
  const digests = Object.fromEntries(
    LIST_NAMES.map((list) => [list, rows.lists[list].map(({ content }) => digestOf(content as Uint8Array))]),
  );
  const bytes = signedBytes({ owner: OWNER, revision: Number(rows.revision), rules: String(rows.rules), digests });
  return { ...rows, signature: BOOK_SIGNER.signBook("stored", bytes) };
}

/** The record that goes with it, signed too. */
function recordOf(
  random: Random,
  { revision, signature }: Rows,
  { what, isWild }: { what: BookSigned; isWild: boolean },
): Uint8Array {
  const record = { v: 1, owner: OWNER, revision, signatures: [hash("sha256", signature as Uint8Array, "base64")] };
  const bytes = writeWildCbor(random, isWild && random.chance(0.7) ? mutateValue(random, record) : record, 0);
  return encodeCbor({ record: bytes, signature: BOOK_SIGNER.signBook(what, bytes) });
}
