/**
 * What a database keeps of itself in memory, of a process in which nothing else goes on: `node kept-pages.ts PATH` makes
 * one of 16 MB, reads it all, has it keep little, reads it all again, and prints how many bytes were given back by then,
 * each time.
 */
import { readFileSync } from "node:fs";
import { keepLittle, openDb } from "#device/store/db.ts";

const opened = openDb({ path: process.argv[2] ?? "", key: new Uint8Array(32) });
if (!opened.ok) throw new Error(opened.detail);
const { db } = opened;
db.exec("CREATE TABLE filler (bytes BLOB)");
const rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 16000)";
db.exec(`${rows} INSERT INTO filler SELECT randomblob(1000) FROM n`);
const readAll = () => db.prepare("SELECT sum(length(hex(bytes))) FROM filler").get();
const heldBytes = () =>
  Number(/^Private_Dirty: +(\d+)/m.exec(readFileSync("/proc/self/smaps_rollup", "utf8"))?.[1]) * 1_024;
readAll();
const before = heldBytes();
keepLittle(db);
const shrunk = before - heldBytes();
readAll();
process.stdout.write(JSON.stringify({ shrunk, readAgain: before - heldBytes() }));
