import { createHash } from "node:crypto";
import { join } from "node:path";
import { accountIdOf } from "#device/keys/account.ts";
import { signBytes } from "#device/keys/signing.ts";
import { type Db, openDb } from "#device/store/db.ts";
import type { JournalSigner } from "#device/store/journal-checkpoint.ts";
import { fixedUnit } from "#test/house/fixed-keys.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

export const KEY = new Uint8Array(32).fill(7);

/** An account id that is the same for the same name. */
export function account(name: string): string {
  return accountIdOf(createHash("sha256").update(name).digest());
}

const owner = fixedUnit("owner");
export const OWNER = owner.sealer.account;

/** The owner's unit as it signs the journal; another name is another account. */
export function journalSigner(name = "owner"): JournalSigner {
  const { sealer, signingKey } = fixedUnit(name);
  const { account: id, certificate } = sealer;
  const signJournal: JournalSigner["signJournal"] = (what, bytes) =>
    signBytes(`porter/1 journal ${what}`, bytes, signingKey);
  return { account: id, certificate, signJournal };
}

/** A database file in a folder of its own, which can be closed and opened again as after a restart. */
export async function makeDbFolder() {
  const folder = await makeTempFolder();
  const path = join(folder.path, "unit.db");
  let open: Db | null = null;
  const close = () => {
    open?.close();
    open = null;
  };
  return {
    path,
    folder: folder.path,
    close,
    open(): Db {
      close();
      const opened = openDb({ path, key: KEY });
      if (!opened.ok) throw new Error(`${opened.reason}: ${opened.detail}`);
      open = opened.db;
      return open;
    },
    async [Symbol.asyncDispose]() {
      close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
