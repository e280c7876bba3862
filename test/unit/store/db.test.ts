import { execFile } from "node:child_process";
import { chmod, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import Database from "better-sqlite3-multiple-ciphers";
import { expect, test } from "vitest";
import { COPY, DATABASE } from "#device/store/book-open.ts";
import { openDb } from "#device/store/db.ts";
import { KEY, makeBookFolder, makeDbFolder } from "./fixtures.ts";

const KEPT_PAGES = new URL("../../house/kept-pages.ts", import.meta.url).pathname;

test("a new database is made, and found again with what was written", async () => {
  await using place = await makeDbFolder();
  const made = openDb({ path: place.path, key: KEY });
  expect(made).toMatchObject({ ok: true, made: true });
  if (made.ok) {
    made.db.exec("INSERT INTO forgotten VALUES (1, 5)");
    made.db.close();
  }
  const db = place.open();
  expect(db.prepare("SELECT until_ms FROM forgotten").get()).toEqual({ until_ms: 5 });
});

test("every commit goes to the disk before it is acknowledged: WAL with synchronous FULL", async () => {
  await using place = await makeDbFolder();
  const db = place.open();
  expect(db.pragma("journal_mode", { simple: true })).toBe("wal");
  expect(db.pragma("synchronous", { simple: true })).toBe(2);
});

test("once all is read, what a database keeps of itself in memory is 1 MiB, however much is read after that", async () => {
  await using place = await makeDbFolder();
  const { stdout } = await promisify(execFile)(process.execPath, [KEPT_PAGES, place.path]);
  const { shrunk, readAgain } = JSON.parse(stdout) as Record<"shrunk" | "readAgain", number>;
  expect(shrunk).toBeGreaterThan(4 * 1_048_576);
  expect(readAgain).toBeGreaterThan(4 * 1_048_576);
});

test("nothing of the book can be read in the file without the key", async () => {
  await using place = await makeBookFolder();
  place.open().store.change({ type: "add-person", name: "Persephone" });
  place.close();
  const bytes = Buffer.concat(await Promise.all([DATABASE, COPY].map((file) => readFile(join(place.folder, file)))));
  expect(bytes.length).toBeGreaterThan(4_096);
  expect(bytes.includes("Persephone")).toBe(false);
  expect(bytes.includes("SQLite format 3")).toBe(false);
  // The control: without a key the same words would stand there.
  const plain = join(place.folder, "plain.db");
  const open = new Database(plain);
  open.exec("CREATE TABLE person (name TEXT); INSERT INTO person VALUES ('Persephone')");
  open.close();
  expect((await readFile(plain)).includes("Persephone")).toBe(true);
});

test("only the unit's own user can read the database and its log", async () => {
  await using place = await makeDbFolder();
  await writeFile(place.path, "");
  await chmod(place.path, 0o644);
  const db = place.open();
  db.exec("INSERT INTO forgotten VALUES (1, 5)");
  for (const file of [place.path, `${place.path}-wal`]) expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("a wrong key is refused", async () => {
  await using place = await makeDbFolder();
  place.open();
  place.close();
  const other = openDb({ path: place.path, key: new Uint8Array(32).fill(8) });
  expect(other).toMatchObject({ ok: false, reason: "unreadable" });
  expect(openDb({ path: place.path, key: KEY.subarray(1) })).toMatchObject({ ok: false, reason: "unreadable" });
});

test("a database of a later version is refused and left as it is", async () => {
  await using place = await makeDbFolder();
  place.open().pragma("user_version = 99");
  place.close();
  const before = await readFile(place.path);
  expect(openDb({ path: place.path, key: KEY })).toMatchObject({ ok: false, reason: "too-new" });
  expect(await readFile(place.path)).toEqual(before);
});

test("a damaged page anywhere is refused, not read", async () => {
  await using place = await makeDbFolder();
  place.open();
  place.close();
  const bytes = await readFile(place.path);
  for (let page = 0; page < bytes.length; page += 4_096) {
    const damaged = Buffer.from(bytes);
    damaged[page + 2_000] = (damaged[page + 2_000] ?? 0) ^ 1;
    await writeFile(place.path, damaged);
    expect(openDb({ path: place.path, key: KEY })).toMatchObject({ ok: false, reason: "unreadable" });
  }
  await writeFile(place.path, bytes);
  expect(openDb({ path: place.path, key: KEY })).toMatchObject({ ok: true });
});

test("a file that is no database, and a database that is not ours, are refused", async () => {
  await using place = await makeDbFolder();
  await writeFile(place.path, "hello ".repeat(2_000));
  expect(openDb({ path: place.path, key: KEY })).toMatchObject({ ok: false, reason: "unreadable" });
  const foreign = join(place.folder, "foreign.db");
  const db = new Database(foreign);
  db.pragma(`key = "x'${Buffer.from(KEY).toString("hex")}'"`);
  db.exec("CREATE TABLE other (a)");
  db.close();
  expect(openDb({ path: foreign, key: KEY })).toMatchObject({ ok: false, reason: "unreadable" });
});

test("where there should be a book, an absent or emptied file is not taken for a new one", async () => {
  await using place = await makeDbFolder();
  expect(openDb({ path: place.path, key: KEY, mayCreate: false })).toMatchObject({ ok: false, reason: "missing" });
  place.open();
  place.close();
  await truncate(place.path, 0);
  expect(openDb({ path: place.path, key: KEY, mayCreate: false })).toMatchObject({ ok: false, reason: "missing" });
});

test("a second unit on the same folder is refused while the first runs", async () => {
  await using place = await makeDbFolder();
  place.open();
  expect(openDb({ path: place.path, key: KEY })).toMatchObject({ ok: false, reason: "in-use" });
});

test("a folder that is not there is the disk's fault, and nothing throws", async () => {
  await using place = await makeDbFolder();
  const path = join(place.folder, "nowhere", "unit.db");
  expect(openDb({ path, key: KEY })).toMatchObject({ ok: false, reason: "disk" });
  expect(openDb({ path: place.folder, key: KEY })).toMatchObject({ ok: false, reason: "disk" });
});
