import * as v from "valibot";
import type { AccountId, Deleted } from "../gate/book.ts";
import type { Db } from "./db.ts";

/** HMAC-SHA256 as base64url. */
const Seals = v.pipe(v.string(), v.parseJson(), v.array(v.pipe(v.string(), v.regex(/^[\w-]{43}$/))));
const Row = v.strictObject({
  id: v.pipe(v.number(), v.safeInteger()),
  atMs: v.pipe(v.number(), v.safeInteger()),
  blocked: v.pipe(
    v.picklist([0, 1]),
    v.transform((blocked) => blocked === 1),
  ),
  accounts: Seals,
  numbers: Seals,
  addresses: Seals,
  names: Seals,
});

/** Throws on anything that is not what `saveDeleted` wrote. */
export function loadDeleted(db: Db, owner: AccountId): readonly Deleted[] {
  const rows = db
    .prepare(
      `SELECT id, at_ms AS atMs, blocked, accounts, numbers, addresses, names
       FROM deleted WHERE owner = ? ORDER BY id`,
    )
    .all(owner);
  return rows.map((row) => v.parse(Row, row));
}

export function saveDeleted(
  db: Db,
  owner: AccountId,
  { gone, come }: { gone: Iterable<Deleted>; come: readonly Deleted[] },
): void {
  const remove = db.prepare("DELETE FROM deleted WHERE owner = ? AND id = ?");
  for (const { id } of gone) remove.run(owner, id);
  const insert = db.prepare(
    "INSERT INTO deleted (owner, id, at_ms, blocked, accounts, numbers, addresses, names) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  for (const { id, atMs, blocked, accounts, numbers, addresses, names } of come) {
    const seals = [accounts, numbers, addresses, names].map((list) => JSON.stringify(list));
    insert.run(owner, id, atMs, blocked ? 1 : 0, ...seals);
  }
}
