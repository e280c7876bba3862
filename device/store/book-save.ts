import type { Block, Book, Person } from "../gate/book.ts";
import type { Db } from "./db.ts";
import { saveDeleted } from "./deleted-rows.ts";

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
    if (after.deleted !== before.deleted) saveDeleted(db, after.owner, differences(before.deleted, after.deleted));
  })();
  if (after.people !== before.people && after.people.length < before.people.length) leaveNoRemains(db);
}

/** What was overwritten stands in the write-ahead log still. It was saved: whatever the disk says now changes nothing. */
function leaveNoRemains(db: Db): void {
  try {
    db.pragma("wal_checkpoint(TRUNCATE)");
  } catch {
    // The next checkpoint does it.
  }
}

/** Where the unit stands is written only once the owner has said it: until then it is the config's. */
function saveHead(db: Db, before: Book, after: Book): void {
  const { owner, revision, calling, unknown, kids, evidence, unverifiedOrigin, region, timeZone, quietHours } = after;
  const { changes } = db
    .prepare(
      `UPDATE book SET revision = ?, calling = ?, unknown = ?, kids = ?, evidence = ?, unverified_origin = ?, quiet_hours = ?,
         region = coalesce(?, region), time_zone = coalesce(?, time_zone)
       WHERE owner = ? AND revision = ?`,
    )
    .run(
      revision,
      calling,
      unknown,
      kids ? 1 : 0,
      evidence,
      unverifiedOrigin,
      JSON.stringify(quietHours),
      region === before.region ? null : region,
      timeZone === before.timeZone ? null : timeZone,
      owner,
      before.revision,
    );
  if (changes !== 1) throw new Error("the stored book is not the one in memory");
}

/** What did not change is the same object before and after: nothing else is looked at. */
function differences<T>(before: readonly T[], after: readonly T[]): { gone: ReadonlySet<T>; come: readonly T[] } {
  const gone = new Set(before);
  const come = after.filter((each) => !gone.delete(each));
  return { gone, come };
}

function savePeople(db: Db, before: Book, after: Book): void {
  const upsert = db.prepare(
    `INSERT INTO person (owner, id, name, aliases, accounts, numbers, addresses, grants, hours)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (owner, id) DO UPDATE SET
       name = excluded.name, aliases = excluded.aliases, accounts = excluded.accounts, numbers = excluded.numbers,
       addresses = excluded.addresses, grants = excluded.grants, hours = excluded.hours`,
  );
  const { gone, come } = differences(before.people, after.people);
  for (const person of come) upsert.run(after.owner, person.id, person.name, ...listsOf(person));
  const remove = db.prepare("DELETE FROM person WHERE owner = ? AND id = ?");
  const kept = new Set(come.map(({ id }) => id));
  for (const { id } of gone) if (!kept.has(id)) remove.run(after.owner, id);
}

function listsOf({ aliases, accounts, numbers, addresses, grants, hours }: Person): string[] {
  return [aliases, accounts, numbers, addresses, grants, hours].map((list) => JSON.stringify(list));
}

function saveBlocks(db: Db, before: Book, after: Book): void {
  const { gone, come } = differences(before.blocks, after.blocks);
  const remove = db.prepare("DELETE FROM block WHERE owner = ? AND kind = ? AND target = ?");
  for (const block of gone) remove.run(after.owner, ...rowOf(block));
  const insert = db.prepare("INSERT INTO block (owner, kind, target) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  for (const block of come) insert.run(after.owner, ...rowOf(block));
}

function rowOf(block: Block): readonly [kind: string, target: string] {
  if ("person" in block) return ["person", block.person];
  if ("account" in block) return ["account", block.account];
  if ("number" in block) return ["number", block.number];
  if ("prefix" in block) return ["prefix", block.prefix];
  return "withheld" in block ? ["withheld", ""] : ["unknown", ""];
}
