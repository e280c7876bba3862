import { createHash } from "node:crypto";
import * as v from "valibot";
import { dayOf } from "../keys/day-keys.ts";
import type { NewBatch } from "../keys/make-day-keys.ts";
import type { DayKeySecret } from "../wire/parcel.ts";
import type { Db } from "./db.ts";

/** Longest that something sealed to a day's key may be on its way: what the hub keeps, and the day itself. */
const KEPT_DAYS = 31;
/** A batch holds no secret; once its day is over, no hub asks for it. */
const BATCH_KEPT_DAYS = 3;

/** The unit's day keys. A secret that is spent or forgotten is overwritten on the disk (SQLite's `secure_delete`). */
export interface DayKeyStore {
  /** Null for a key that was never made, is spent, or is forgotten. */
  secretOf(keyId: string): DayKeySecret | null;
  /** A one-time key is gone when the surrounding transaction is; a fallback stays for the rest of its time. */
  spend(keyId: string): void;
  /** The bytes of a day's batch as they go to the hub, the same each time; null where none was made. */
  batchOf(day: number): Readonly<{ bytes: Uint8Array; hash: string }> | null;
  /** Durable, secrets and batch, when it returns. Throws where the disk refuses: nothing is then kept. */
  keep(batch: NewBatch): void;
  /** When all batches were last at the hub, wall clock; 0 where they never were. */
  readonly uploadedMs: number;
  uploaded(atMs: number): void;
  /** Forgets the secrets of days that are over for good. */
  forgetOld(nowMs: number): void;
}

const Bytes = v.instance(Uint8Array);
const SecretRow = v.strictObject({ account: v.string(), day: v.number(), seed: Bytes, hash: Bytes });
const BatchRow = v.strictObject({ bytes: Bytes });
const UploadRow = v.strictObject({ at_ms: v.number() });

export function openDayKeyStore(db: Db, account: string): DayKeyStore {
  const readSecret = db.prepare("SELECT account, day, seed, hash FROM day_key WHERE id = ?");
  const spend = db.prepare("DELETE FROM day_key WHERE id = ? AND kind = 'one-time'");
  const addSecret = db.prepare("INSERT INTO day_key (id, account, day, kind, seed, hash) VALUES (?, ?, ?, ?, ?, ?)");
  const addBatch = db.prepare("INSERT INTO day_key_batch (account, day, bytes) VALUES (?, ?, ?)");
  const readBatch = db.prepare("SELECT bytes FROM day_key_batch WHERE account = ? AND day = ?");
  const noteUpload = db.prepare("INSERT OR REPLACE INTO day_key_upload (account, at_ms) VALUES (?, ?)");
  const forgetSecrets = db.prepare("DELETE FROM day_key WHERE day < ?");
  const forgetBatches = db.prepare("DELETE FROM day_key_batch WHERE day < ?");
  const upload = db.prepare("SELECT at_ms FROM day_key_upload WHERE account = ?").get(account);
  let uploadedMs = upload === undefined ? 0 : v.parse(UploadRow, upload).at_ms;
  const keep = db.transaction(({ day, bytes, secrets }: NewBatch) => {
    addBatch.run(account, day, bytes);
    for (const { id, kind, seed, hash } of secrets) addSecret.run(id, account, day, kind, seed, hash);
  });
  const forget = db.transaction((today: number) => {
    forgetSecrets.run(today - KEPT_DAYS);
    forgetBatches.run(today - BATCH_KEPT_DAYS);
  });
  return {
    secretOf(keyId) {
      const row = readSecret.get(keyId);
      if (row === undefined) return null;
      const { seed, hash, ...rest } = v.parse(SecretRow, row);
      return { ...rest, seed: new Uint8Array(seed), hash: new Uint8Array(hash) };
    },
    spend: (keyId) => void spend.run(keyId),
    batchOf(day) {
      const row = readBatch.get(account, day);
      if (row === undefined) return null;
      const bytes = new Uint8Array(v.parse(BatchRow, row).bytes);
      return { bytes, hash: createHash("sha256").update(bytes).digest("base64url") };
    },
    keep: (batch) => keep(batch),
    get uploadedMs() {
      return uploadedMs;
    },
    uploaded(atMs) {
      noteUpload.run(account, Math.trunc(atMs));
      uploadedMs = atMs;
    },
    forgetOld(nowMs) {
      forget(dayOf(nowMs));
      db.pragma("wal_checkpoint(TRUNCATE)"); // what was overwritten stands in the log until then
    },
  };
}
