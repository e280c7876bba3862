import type { Book } from "#device/gate/book.ts";
import type { Request } from "#device/gate/decide.ts";
import { decide } from "#device/gate/decide.ts";
import { isAccountId } from "#device/keys/account.ts";
import { openBookStore } from "#device/store/book.ts";
import type { Db } from "#device/store/db.ts";
import { testSeal } from "#test/house/books.ts";
import { ANA, CALLERS, NOON_MS, OWNER } from "../cast.ts";
import { memoryDb } from "../memory-unit.ts";
import { mutateText, oddValue } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, type Target } from "../target.ts";

type Row = Record<string, unknown>;

const HOURS = JSON.stringify([{ grant: "ring", fromMinute: 60, toMinute: 120, days: ["mon"] }]);
const QUIET = JSON.stringify([{ fromMinute: 0, toMinute: 400, days: ["sun"], except: ["ana"] }]);
const WORDS = ['"', "[", "]", "{", "}", '"ring"', ANA, "+441234", "ana", ",", "null", "\\u0000", "__proto__"];

const HEAD: Row = {
  owner: OWNER,
  revision: 7,
  calling: "on",
  unknown: "hold",
  kids: 0,
  region: "GB",
  time_zone: "Europe/London",
  quiet_hours: QUIET,
};

function personRow(id: string, index: number): Row {
  const accounts = JSON.stringify([CALLERS[index % CALLERS.length]?.sealer.account]);
  const lists = { aliases: '["mum"]', accounts, numbers: '["+442079460018"]', addresses: '["a@example.org"]' };
  return {
    owner: OWNER,
    id,
    name: id,
    ...lists,
    grants: index === 0 ? '["ring"]' : "[]",
    hours: index === 1 ? HOURS : "[]",
  };
}

/** The tables of a book on a disk that somebody else wrote to, or that rotted in a way no checksum shows. */
export const bookRows: Target = {
  name: "book-rows",
  meets: ["book", "unreadable"],
  async open() {
    const db = memoryDb();
    // What a CHECK or a reference would refuse may stand there all the same.
    db.pragma("ignore_check_constraints = ON");
    db.pragma("foreign_keys = OFF");
    const attack = (random: Random) => {
      for (const table of ["person", "block", "book"]) db.exec(`DELETE FROM ${table}`);
      fill(random, db);
      const opened = openBookStore(db, OWNER, { region: "GB", timeZone: "Europe/London", seal: testSeal });
      if (!opened.ok) return opened.reason;
      assertIsBook(opened.store.book);
      return "book";
    };
    return { attack, [Symbol.asyncDispose]: async () => void db.close() };
  },
};

function fill(random: Random, db: Db): void {
  put(random, db, "book", HEAD);
  for (const [index, id] of ["ana", "mallory", "zed"].entries()) put(random, db, "person", personRow(id, index));
  put(random, db, "block", { owner: OWNER, kind: "person", target: "zed" });
  put(random, db, "block", { owner: OWNER, kind: "number", target: "+447700900123" });
  if (random.chance(0.3))
    put(random, db, "block", {
      owner: OWNER,
      kind: random.pick(["prefix", "withheld", "unknown", "x"]),
      target: "+44",
    });
}

/** Mostly as it should be; a value that the column's type refuses is left out with its row. */
function put(random: Random, db: Db, table: string, row: Row): void {
  const wild = { ...row };
  if (random.chance(0.25)) {
    const column = random.pick(Object.keys(row));
    const value = row[column];
    wild[column] =
      typeof value === "string" && random.chance(0.7) ? mutateText(random, value, WORDS) : storable(oddValue(random));
  }
  const columns = Object.keys(wild);
  const places = columns.map(() => "?").join(", ");
  try {
    db.prepare(`INSERT INTO ${table} (${columns.join(", ")}) VALUES (${places})`).run(
      ...(Object.values(wild) as string[]),
    );
  } catch {
    // Not of the column's type.
  }
}

function storable(value: unknown): unknown {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array) ? JSON.stringify(value) : value;
}

const REQUESTS: readonly Request[] = CALLERS.map(({ sealer }) => ({
  envelope: "00".repeat(16),
  kind: "call",
  from: sealer.account,
  to: OWNER,
  signature: "valid",
  replayed: false,
  fresh: true,
}));

/** Whatever was read is a book: of accounts, each with one person at most, that the gate can decide by. */
export function assertIsBook(book: Book): void {
  if (new Set(book.people.map(({ id }) => id)).size !== book.people.length) broken("two people with one id");
  const accounts = book.people.flatMap((person) => person.accounts);
  if (!accounts.every(isAccountId)) broken("an account that is none");
  if (new Set(accounts).size !== accounts.length) broken("an account with two people");
  const known = new Set(book.people.map(({ id }) => id));
  if (!book.blocks.every((block) => !("person" in block) || known.has(block.person))) broken("a block of nobody");
  for (const request of REQUESTS) {
    const { act } = decide(request, book, { atMs: NOON_MS, clockTrusted: true });
    const person = book.people.find((each) => each.accounts.includes(request.from ?? ""));
    if (act === "admit" && !person?.grants.includes("ring")) broken("a ring without a grant");
  }
}
