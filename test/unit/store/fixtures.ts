import { createHash } from "node:crypto";
import { join } from "node:path";
import { accountIdOf } from "#device/keys/account.ts";
import { rawPublicKey, signBytes, verifyBytes } from "#device/keys/signing.ts";
import { openBookStore } from "#device/store/book.ts";
import { type BookFiles, openBookFiles } from "#device/store/book-open.ts";
import type { BookSigner } from "#device/store/book-signature.ts";
import { type Db, openDb } from "#device/store/db.ts";
import type { JournalSigner } from "#device/store/journal-checkpoint.ts";
import { testSeal } from "#test/house/books.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { fixedUnit } from "#test/house/fixed-keys.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

export const KEY = new Uint8Array(32).fill(7);
export const COPY_KEY = new Uint8Array(32).fill(8);

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

/** As the owner's unit keeps its book; another name is another unit. */
export function bookSigner(name = "owner"): BookSigner {
  const { sealer, signingKey } = fixedUnit(name);
  const publicKey = rawPublicKey(signingKey);
  return {
    account: sealer.account,
    signBook: (what, bytes) => signBytes(`porter/1 book ${what}`, bytes, signingKey),
    holdsBook: (what, bytes, signature) => verifyBytes(`porter/1 book ${what}`, bytes, signature, publicKey),
  };
}

/** A unit's folder with its book, which can be closed and opened again as after a restart. */
export async function makeBookFolder(changes: Partial<BookFiles> = {}) {
  const folder = await makeTempFolder();
  const clock = new FakeClock();
  const files: BookFiles = {
    folder: folder.path,
    signer: bookSigner(),
    databaseKey: KEY,
    copyKey: COPY_KEY,
    seal: testSeal,
    place: { region: "GB", timeZone: "Europe/London" },
    nowMs: clock.nowMs(),
    ...changes,
  };
  let close: () => void = () => undefined;
  const tryOpen = (more: Partial<BookFiles> = {}) => {
    close();
    const opened = openBookFiles({ ...files, ...more });
    if (!opened.ok) return opened;
    const store = openBookStore(opened.book, opened.kept, clock);
    close = () => {
      close = () => undefined;
      store[Symbol.dispose]();
      opened.close();
    };
    return { ...opened, store };
  };
  return {
    folder: folder.path,
    clock,
    files,
    tryOpen,
    /** Throws where there is no book. */
    open(more: Partial<BookFiles> = {}) {
      const opened = tryOpen(more);
      if (!opened.ok) throw new Error(opened.fault);
      return opened;
    },
    close: () => close(),
    async [Symbol.asyncDispose]() {
      close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
