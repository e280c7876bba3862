import { isDeepStrictEqual } from "node:util";
import type { Book } from "../gate/book.ts";
import type { Confirmed } from "./book-record.ts";
import type { ReadBook } from "./book-stored.ts";

/** What stands in one place; `absent`: no file, or no book in it. */
export type Candidate = ReadBook;
export type Record = Readonly<{ found: "record"; confirmed: Confirmed } | { found: "nothing" | "damaged" }>;

/** Which of what was found is the book; `why` is what is wrong with the database, or with everything. */
export type Choice = Readonly<
  { use: "database" } | { use: "copy"; why: string } | { use: "new" } | { use: "nothing"; why: string }
>;

const UNPROVEN = "nothing proves that it is the last one";

/**
 * Only a book that this unit signed counts, and only where nothing newer was ever confirmed. The database comes first.
 * Where the record is lost, the database and the copy vouch for each other, and the later one counts: what was confirmed
 * stands in both. `existed`: the unit had a book before; then none at all is no first start.
 */
export function chooseBook(
  database: Candidate,
  copy: () => Candidate,
  { record, existed }: { record: Record; existed: boolean },
): Choice {
  if (database.ok && database.signed && record.found === "record") {
    const fault = faultOf(database, record.confirmed);
    return fault === null ? { use: "database" } : chooseCopy(copy(), record, fault);
  }
  const fault = database.ok ? "it is not signed" : database.detail;
  if (record.found === "record") return chooseCopy(copy(), record, fault);
  const isNew = !database.ok && database.reason === "absent" && !existed && record.found === "nothing";
  return isNew ? { use: "new" } : chooseUnrecorded(database, copy(), record.found);
}

function chooseCopy(copy: Candidate, record: Extract<Record, { found: "record" }>, why: string): Choice {
  if (copy.ok && !copy.signed) return neither(why, "it is not signed");
  if (!copy.ok) return neither(why, copy.detail);
  const fault = faultOf(copy, record.confirmed);
  return fault === null ? { use: "copy", why } : neither(why, fault);
}

/** A database from before there were signatures has no copy and no record either, or was cut off while it got them. */
function chooseUnrecorded(database: Candidate, copy: Candidate, record: "nothing" | "damaged"): Choice {
  const lost =
    record === "damaged" ? "the record of its last revision is damaged" : "the record of its last revision is lost";
  const isCopyGood = copy.ok && copy.signed;
  if (database.ok && !database.signed) {
    if (record === "damaged") return { use: "nothing", why: `the database is not signed, and ${lost}` };
    if (!copy.ok && copy.reason === "absent") return { use: "database" };
    // Cut off, they say the same. Anybody who has the database's key can write what is not signed.
    return isCopyGood && isSame(database.book, copy.book)
      ? { use: "database" }
      : { use: "nothing", why: "the database is not signed, and its copy is damaged, or another book" };
  }
  if (database.ok && isCopyGood) {
    if (database.book.revision >= copy.book.revision) return { use: "database" };
    return { use: "copy", why: "it is older than its copy" };
  }
  if (database.ok)
    return { use: "nothing", why: `${lost}, and of the database and its copy only one is left: ${UNPROVEN}` };
  return neither(database.detail, copy.ok ? `${lost}: ${UNPROVEN}` : copy.detail);
}

function isSame(one: Book, other: Book): boolean {
  return isDeepStrictEqual({ ...one, revision: 0 }, { ...other, revision: 0 });
}

function neither(database: string, copy: string): Choice {
  return { use: "nothing", why: `of the database: ${database}; of its copy: ${copy}` };
}

function faultOf(
  { book, signatureHash }: Extract<Candidate, { ok: true }>,
  { revision, signatures }: Confirmed,
): string | null {
  if (book.revision > revision || (book.revision === revision && signatures.includes(signatureHash))) return null;
  return book.revision < revision ? "it is older than what was confirmed" : UNPROVEN;
}
