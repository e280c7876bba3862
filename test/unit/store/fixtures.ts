import { createHash } from "node:crypto";
import { join } from "node:path";
import { accountIdOf } from "#device/keys/account.ts";
import { openBookStore } from "#device/store/book.ts";
import { type BookFiles, openBookFiles } from "#device/store/book-open.ts";
import { type Db, openDb } from "#device/store/db.ts";
import { testSeal } from "#test/house/books.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { fixedUnit } from "#test/house/fixed-keys.ts";
import { bookSigner } from "#test/house/signers.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

export const KEY = new Uint8Array(32).fill(7);
export const COPY_KEY = new Uint8Array(32).fill(8);

/** An account id that is the same for the same name. */
export function account(name: string): string {
  return accountIdOf(createHash("sha256").update(name).digest());
}

export const OWNER = fixedUnit("owner").sealer.account;

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
