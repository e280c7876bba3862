import type Database from "better-sqlite3-multiple-ciphers";

/** The unit's one database: encrypted, WAL, synchronous=FULL. One process at a time holds it. */
export type Db = InstanceType<typeof Database>;

/**
 * Why there is no database. The unit then fails closed: nobody rings, the fault light shows.
 * `missing`: there should be one (`mayCreate` false); `in-use`: another process has it; `too-new`: a later version
 * wrote it; `unreadable`: wrong key, damaged, or not ours; `disk`: the disk refuses.
 */
export type DbRefusal = "missing" | "in-use" | "too-new" | "unreadable" | "disk";

export type OpenedDb = Readonly<{ ok: true; db: Db; made: boolean } | { ok: false; reason: DbRefusal; detail: string }>;

export type DbOptions = Readonly<{
  path: string;
  /** The raw database key: 32 bytes. */
  key: Uint8Array;
  /** False where the unit had a database before: an absent or emptied file is then refused. Default true. */
  mayCreate?: boolean;
}>;
