import { chmodSync, closeSync, copyFileSync, existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3-multiple-ciphers";
import { MIGRATIONS } from "./schema.ts";

/** The unit's one database: encrypted, WAL, synchronous=FULL. One process at a time holds it. */
export type Db = InstanceType<typeof Database>;

/**
 * Why there is no database. The unit then fails closed: nobody rings, the fault light shows.
 * `missing`: there should be one (`mayCreate` false); `in-use`: another process has it; `too-new`: a later version
 * wrote it; `unreadable`: wrong key, damaged, or not ours; `disk`: the disk refuses.
 */
type DbRefusal = "missing" | "in-use" | "too-new" | "unreadable" | "disk";

export type OpenedDb = Readonly<{ ok: true; db: Db; made: boolean } | { ok: false; reason: DbRefusal; detail: string }>;

export type DbOptions = Readonly<{
  path: string;
  /** The raw database key: 32 bytes. */
  key: Uint8Array;
  /** False where the unit had a database before: an absent or emptied file is then refused. Default true. */
  mayCreate?: boolean;
}>;

const KEY_BYTES = 32;
/** A file system in memory, on nearly every Linux. */
const MEMORY = "/dev/shm";
const OWNER_ONLY = 0o600;
/** Long enough for a unit that is just ending to let go of the file. */
const WAIT_FOR_LOCK_MS = 500;

/** Opens the database, or says why not. Never throws. */
export function openDb({ path, key, mayCreate = true }: DbOptions): OpenedDb {
  if (key.length !== KEY_BYTES) return { ok: false, reason: "unreadable", detail: "the key is not 32 bytes" };
  if (!mayCreate && !existsSync(path)) return { ok: false, reason: "missing", detail: "there is no database file" };
  let db: Db | undefined;
  try {
    // SQLite gives its -wal file the mode of the database, so this covers both.
    closeSync(openSync(path, "a", OWNER_ONLY));
    chmodSync(path, OWNER_ONLY);
    db = new Database(path, { timeout: WAIT_FOR_LOCK_MS });
    db.pragma(`key = "x'${Buffer.from(key).toString("hex")}'"`);
    const opened = prepare(db, mayCreate);
    if (!opened.ok) db.close();
    return opened;
  } catch (error) {
    db?.close();
    return { ok: false, ...judge(error) };
  }
}

/**
 * Opens what stands there for reading alone, where the disk takes no writing: from a copy in memory, because a database
 * that cannot be locked cannot be opened. Never throws.
 */
export function openDbToRead({ path, key }: Pick<DbOptions, "path" | "key">): OpenedDb {
  let folder: string | null = null;
  try {
    folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), "porter-read-only-"));
    const copy = join(folder, "database");
    for (const part of ["", "-wal"]) if (existsSync(path + part)) copyFileSync(path + part, copy + part);
    const opened = openDb({ path: copy, key, mayCreate: false });
    // What a migration or a log changed stands in the copy; from here on nothing may seem to be saved.
    if (opened.ok) opened.db.pragma("query_only = ON");
    return opened;
  } catch (error) {
    return { ok: false, ...judge(error) };
  } finally {
    // The open database keeps its files for as long as it needs them.
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
}

function prepare(db: Db, mayCreate: boolean): OpenedDb {
  // Two brains on one folder would each keep a book in memory that the other does not know: the second is refused.
  db.pragma("locking_mode = EXCLUSIVE");
  const version = Number(db.pragma("user_version", { simple: true }));
  if (version > MIGRATIONS.length) {
    return { ok: false, reason: "too-new", detail: `it is of version ${version}, this is ${MIGRATIONS.length}` };
  }
  const made = version === 0;
  if (made && db.prepare("SELECT 1 FROM sqlite_master").get() !== undefined) {
    return { ok: false, reason: "unreadable", detail: "it holds tables but no version: it is not ours" };
  }
  if (made && !mayCreate) return { ok: false, reason: "missing", detail: "the database file is empty" };
  db.pragma("journal_mode = WAL");
  // NORMAL loses acknowledged rows in a power cut under WAL (measured); FULL does not.
  db.pragma("synchronous = FULL");
  db.pragma("foreign_keys = ON");
  // What is deleted is overwritten: secrets of keys, and what the owner had deleted.
  db.pragma("secure_delete = ON");
  migrate(db, version);
  // What a migration dropped leaves pages behind that hold old rows and that no check looks at.
  if (version < MIGRATIONS.length) db.exec("VACUUM");
  // The check reads every page; what it leaves in memory the book need not decrypt once more (then `keepLittle`).
  db.pragma("cache_size = -65536");
  const check = db.pragma("quick_check(1)", { simple: true });
  if (check !== "ok") return { ok: false, reason: "unreadable", detail: `it is damaged: ${String(check)}` };
  return { ok: true, db, made };
}

/** Once everything is read: from now on a page of the database stays in memory only while it is among the last 1 MiB. */
export function keepLittle(db: Db): void {
  db.pragma("cache_size = -1024");
  db.pragma("shrink_memory");
}

/** Each step in a transaction of its own with the version that it reaches: a power cut between two costs nothing. */
function migrate(db: Db, version: number): void {
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
    })();
  }
}

function judge(error: unknown): { reason: DbRefusal; detail: string } {
  const detail = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code.startsWith("SQLITE_BUSY")) return { reason: "in-use", detail };
  const onDisk = ["SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM"];
  if (!code.startsWith("SQLITE_") || onDisk.some((prefix) => code.startsWith(prefix))) {
    return { reason: "disk", detail };
  }
  return { reason: "unreadable", detail };
}
