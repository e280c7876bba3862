import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3-multiple-ciphers";
import { expect, test, vi } from "vitest";
import { COPY, DATABASE, MARK, RECORD } from "#device/store/book-open.ts";
import { bookSigner } from "#test/house/signers.ts";
import { account, COPY_KEY, KEY, makeBookFolder, OWNER } from "./fixtures.ts";

// Each opens and closes several encrypted databases, which takes a busy machine its time.
vi.setConfig({ testTimeout: 60_000 });

const MALLORY = account("mallory");

/** A book whose last change blocked Mallory, beside how its folder looked before that. */
async function makeBlocking() {
  const place = await makeBookFolder();
  const { store } = place.open();
  for (let at = 0; at < 300; at += 1) store.apply({ type: "block", block: { account: account(`stranger ${at}`) } });
  store.change({ type: "add-person", name: "Mallory", accounts: [MALLORY], grants: ["ring"] });
  place.close();
  const older = `${place.folder}-older`;
  await cp(place.folder, older, { recursive: true });
  place.open().store.change({ type: "block", block: { person: "mallory" } });
  const { book } = place.open().store;
  place.close();
  const whole = `${place.folder}-whole`;
  await cp(place.folder, whole, { recursive: true });
  const path = (name: string) => join(place.folder, name);
  return {
    place,
    book,
    path,
    /** Everything as it was before anything was damaged. */
    mend() {
      place.close();
      rmSync(place.folder, { recursive: true });
      cpSync(whole, place.folder, { recursive: true });
    },
    /** These files as they were before the block. */
    rollBack(...names: string[]) {
      for (const name of names) cpSync(join(older, name), path(name));
    },
    remove(...names: string[]) {
      for (const name of names) rmSync(path(name), { force: true });
    },
    /** By somebody who has the keys of the databases. */
    alter(name: string, sql: string) {
      const db = new Database(path(name));
      db.pragma(`key = "x'${Buffer.from(name === DATABASE ? KEY : COPY_KEY).toString("hex")}'"`);
      db.exec(sql);
      db.close();
    },
    spoil(name: string, change: (bytes: Buffer) => Buffer) {
      writeFileSync(path(name), change(readFileSync(path(name))));
    },
    /** The book that counts now; null where nobody gets in. */
    found() {
      const opened = place.tryOpen();
      return opened.ok ? { ...opened.store.book, restored: opened.restored } : { fault: opened.fault };
    },
    async [Symbol.asyncDispose]() {
      await place[Symbol.asyncDispose]();
      for (const folder of [older, whole]) await rm(folder, { recursive: true });
    },
  };
}

type Made = Awaited<ReturnType<typeof makeBlocking>>;

function flip(at: number) {
  return (bytes: Buffer) => {
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    return bytes;
  };
}

const DAMAGES: readonly (readonly [string, (made: Made) => void])[] = [
  ["missing", (made) => made.remove(DATABASE)],
  ["emptied", (made) => made.spoil(DATABASE, () => Buffer.alloc(0))],
  ["zeroed", (made) => made.spoil(DATABASE, (bytes) => bytes.fill(0))],
  ["no database", (made) => made.spoil(DATABASE, () => Buffer.from("hello ".repeat(2_000)))],
  ["rolled back", (made) => made.rollBack(DATABASE)],
  ["altered: the block is gone", (made) => made.alter(DATABASE, "DELETE FROM book_piece WHERE list = 'blocks'")],
  [
    "altered: the block is gone, and nothing points to it",
    (made) =>
      made.alter(
        DATABASE,
        `DELETE FROM book_piece WHERE list = 'blocks'; UPDATE book_head SET pieces = json_set(pieces, '$.blocks', json('[]'))`,
      ),
  ],
  ["altered: its rules", (made) => made.alter(DATABASE, `UPDATE book_head SET rules = replace(rules, 'hold', 'drop')`)],
  ["altered: its revision", (made) => made.alter(DATABASE, "UPDATE book_head SET revision = revision + 1")],
  ["altered: its signature is gone", (made) => made.alter(DATABASE, "UPDATE book_head SET signature = NULL")],
  ["altered: its book is gone", (made) => made.alter(DATABASE, "DELETE FROM book_head")],
  [
    "altered: a person",
    (made) =>
      made.alter(
        DATABASE,
        `UPDATE book_piece SET content = CAST(replace(CAST(content AS TEXT), 'mallory', 'mollory') AS BLOB)`,
      ),
  ],
  ["of another key", (made) => made.spoil(DATABASE, () => readFileSync(made.path(COPY)))],
];

test.each(DAMAGES)("a database that is %s gives way to the copy, whole, and is kept aside", async (_, damage) => {
  await using made = await makeBlocking();
  damage(made);
  const found = made.found();
  expect(found).toMatchObject({ blocks: made.book.blocks, people: made.book.people, revision: made.book.revision });
  expect(found).toHaveProperty("restored", expect.any(String));
  // From then on all is as it was: the next start finds nothing to restore, and the next change is kept.
  made.place.close();
  expect(made.found()).toEqual({ ...made.book, restored: null });
  if (made.place.open().store.book.revision === 0) throw new Error("unreachable");
  made.place.open().store.change({ type: "kids", kids: true });
  expect(made.place.open().store.book.kids).toBe(true);
});

test.each(DAMAGES)("a database that is %s, its copy being damaged too, lets nobody in", async (_, damage) => {
  await using made = await makeBlocking();
  for (const spoilCopy of [
    () => made.remove(COPY),
    () => made.rollBack(COPY),
    () => made.spoil(COPY, flip(5_000)),
    () => made.alter(COPY, "UPDATE book_head SET signature = NULL"),
  ]) {
    made.mend();
    damage(made);
    spoilCopy();
    expect(made.found()).toHaveProperty("fault");
  }
});

test("bit flips and cuts anywhere in the database end in the book as it was", async () => {
  await using made = await makeBlocking();
  const { length } = readFileSync(made.path(DATABASE));
  const kinds: ((bytes: Buffer) => Buffer)[] = [];
  for (let at = 100; at < length; at += Math.floor(length / 12)) kinds.push(flip(at), (bytes) => bytes.subarray(0, at));
  for (const change of kinds) {
    made.mend();
    made.spoil(DATABASE, change);
    expect(made.found()).toMatchObject({ blocks: made.book.blocks, people: made.book.people });
  }
});

test("damage to the log of the database loses nothing that was confirmed", async () => {
  await using made = await makeBlocking();
  const wal = `${DATABASE}-wal`;
  // As after a power cut: the last changes stand in the log alone.
  const { store } = made.place.open();
  store.change({ type: "block", block: { withheld: true } });
  const { book } = store;
  const cut = `${made.place.folder}-cut`;
  await cp(made.place.folder, cut, { recursive: true });
  const { length } = readFileSync(join(cut, wal));
  expect(length).toBeGreaterThan(4_000);
  for (let at = 50; at < length; at += Math.floor(length / 10)) {
    for (const change of [flip(at), (bytes: Buffer) => bytes.subarray(0, at)]) {
      made.place.close();
      await rm(made.place.folder, { recursive: true });
      await cp(cut, made.place.folder, { recursive: true });
      made.spoil(wal, change);
      expect(made.found(), `at ${at}`).toMatchObject({ blocks: book.blocks, revision: book.revision });
    }
  }
  await rm(cut, { recursive: true });
});

test("database and copy rolled back together let nobody in: only the record knows", async () => {
  await using made = await makeBlocking();
  made.rollBack(DATABASE, COPY);
  expect(made.found()).toHaveProperty("fault", expect.stringContaining("older"));
});

test("the control: with a record that was rolled back along, the older book is taken for the last one", async () => {
  await using made = await makeBlocking();
  made.rollBack(DATABASE, COPY, RECORD);
  const found = made.found();
  expect(found).not.toHaveProperty("fault");
  expect(found).not.toMatchObject({ blocks: made.book.blocks });
});

test("without the record, the later of database and copy counts, and none by itself", async () => {
  await using made = await makeBlocking();
  const spoils = [() => made.remove(RECORD), () => made.spoil(RECORD, flip(60))];
  for (const spoilRecord of spoils) {
    for (const [older, whole] of [
      [DATABASE, COPY],
      [COPY, DATABASE],
    ] as const) {
      made.mend();
      spoilRecord();
      made.rollBack(older);
      expect(made.found(), `${older} is older`).toMatchObject({ blocks: made.book.blocks });
      made.mend();
      spoilRecord();
      made.remove(older);
      expect(made.found(), `${whole} alone`).toHaveProperty("fault");
    }
  }
});

test("a folder from which everything but the keys was taken is no first start as long as its mark is there", async () => {
  await using made = await makeBlocking();
  made.remove(DATABASE, COPY, RECORD);
  expect(made.found()).toHaveProperty("fault");
  made.remove(MARK);
  expect(made.found()).toMatchObject({ revision: 1, blocks: [] });
});

test("somebody else's book, copy and record are not taken", async () => {
  await using made = await makeBlocking();
  await using other = await makeBookFolder({ signer: bookSigner("mallory") });
  other.open().store.change({ type: "kids", kids: true });
  other.close();
  for (const name of [DATABASE, COPY, RECORD]) cpSync(join(other.folder, name), made.path(name));
  expect(made.found()).toHaveProperty("fault");
  // Not even where the rows say that they are this owner's.
  for (const name of [DATABASE, COPY]) {
    made.alter(name, `UPDATE book_head SET owner = '${OWNER}'; UPDATE book_piece SET owner = '${OWNER}'`);
  }
  made.remove(RECORD);
  expect(made.found()).toHaveProperty("fault");
});

test("a later version's database, or copy where it is asked, is refused, and nothing is moved", async () => {
  await using made = await makeBlocking();
  for (const [name, ...gone] of [[DATABASE], [COPY, DATABASE]] as const) {
    made.mend();
    made.alter(name, "PRAGMA user_version = 99");
    made.remove(...gone);
    expect(made.found()).toHaveProperty("fault", expect.stringContaining("update this unit"));
    expect((await readdir(made.place.folder)).filter((file) => file.includes("damaged"))).toEqual([]);
  }
});

test("a database whose signature is gone counts without the record only where the signed copy says the same", async () => {
  await using made = await makeBlocking();
  made.alter(DATABASE, "UPDATE book_head SET signature = NULL; UPDATE book_head SET revision = 1");
  made.remove(RECORD);
  expect(made.found()).toMatchObject({ blocks: made.book.blocks });
  // Anybody who has the database's key can write what is not signed, and call it as new as they like.
  for (const revision of ["revision + 9", "revision", "1"]) {
    made.mend();
    made.alter(DATABASE, `UPDATE book_head SET signature = NULL, revision = ${revision}`);
    made.alter(DATABASE, `UPDATE book_head SET pieces = json_set(pieces, '$.blocks', json('[]'))`);
    made.remove(RECORD);
    expect(made.found()).toHaveProperty("fault");
  }
});

test("a copy that is lost, damaged or left behind is made again, without a word", async () => {
  await using made = await makeBlocking();
  for (const spoilCopy of [
    () => made.remove(COPY),
    () => made.rollBack(COPY),
    () => made.spoil(COPY, flip(5_000)),
    () => made.alter(COPY, "DELETE FROM book_piece"),
  ]) {
    made.mend();
    spoilCopy();
    expect(made.found()).toEqual({ ...made.book, restored: null });
    made.place.close();
    made.remove(DATABASE);
    expect(made.found()).toMatchObject({ blocks: made.book.blocks, people: made.book.people });
  }
});
