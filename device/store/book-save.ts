import type { Block, Book, Person } from "../gate/book.ts";
import type { Db } from "./db.ts";

/** A book that was not there before. */
export function insertBook(db: Db, book: Book): Book {
  const { owner, revision, calling, unknown } = book;
  db.prepare("INSERT INTO book (owner, revision, calling, unknown) VALUES (?, ?, ?, ?)").run(
    owner,
    revision,
    calling,
    unknown,
  );
  return Object.freeze(book);
}

/** One transaction with what differs; committed to the disk when it returns, undone when it throws. */
export function saveChange(db: Db, before: Book, after: Book): void {
  db.transaction(() => {
    saveHead(db, before, after);
    if (after.people !== before.people) savePeople(db, before, after);
    if (after.blocks !== before.blocks) saveBlocks(db, before, after);
  })();
}

/** Where the unit stands is written only once the owner has said it: until then it is the config's. */
function saveHead(db: Db, before: Book, after: Book): void {
  const { owner, revision, calling, unknown, kids, region, timeZone, quietHours } = after;
  const { changes } = db
    .prepare(
      `UPDATE book SET revision = ?, calling = ?, unknown = ?, kids = ?, quiet_hours = ?,
         region = coalesce(?, region), time_zone = coalesce(?, time_zone)
       WHERE owner = ? AND revision = ?`,
    )
    .run(
      revision,
      calling,
      unknown,
      kids ? 1 : 0,
      JSON.stringify(quietHours),
      region === before.region ? null : region,
      timeZone === before.timeZone ? null : timeZone,
      owner,
      before.revision,
    );
  if (changes !== 1) throw new Error("the stored book is not the one in memory");
}

function savePeople(db: Db, before: Book, after: Book): void {
  const was = new Map(before.people.map((person) => [person.id, person]));
  const upsert = db.prepare(
    `INSERT INTO person (owner, id, name, aliases, accounts, numbers, addresses, grants, hours)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (owner, id) DO UPDATE SET
       name = excluded.name, aliases = excluded.aliases, accounts = excluded.accounts, numbers = excluded.numbers,
       addresses = excluded.addresses, grants = excluded.grants, hours = excluded.hours`,
  );
  for (const person of after.people) {
    const same = was.get(person.id) === person;
    was.delete(person.id);
    if (!same) upsert.run(after.owner, person.id, person.name, ...listsOf(person));
  }
  const remove = db.prepare("DELETE FROM person WHERE owner = ? AND id = ?");
  for (const id of was.keys()) remove.run(after.owner, id);
}

function listsOf({ aliases, accounts, numbers, addresses, grants, hours }: Person): string[] {
  return [aliases, accounts, numbers, addresses, grants, hours].map((list) => JSON.stringify(list));
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

function rowOf(block: Block): readonly [kind: string, target: string] {
  if ("person" in block) return ["person", block.person];
  if ("account" in block) return ["account", block.account];
  if ("number" in block) return ["number", block.number];
  if ("prefix" in block) return ["prefix", block.prefix];
  return "withheld" in block ? ["withheld", ""] : ["unknown", ""];
}
