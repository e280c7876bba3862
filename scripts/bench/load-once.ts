import { systemClock } from "#base/clock.ts";
import { sealsAllAlike } from "#device/gate/book.ts";
import { verifyBytes } from "#device/keys/signing.ts";
import type { BookSigner } from "#device/store/book-signature.ts";
import { StoredBook } from "#device/store/book-stored.ts";
import { openDb } from "#device/store/db.ts";

/**
 * Loads one book as the first thing in its life, as a unit does at its start, and prints how many milliseconds that took.
 * `node load-once.ts DATABASE KEY ACCOUNT PUBLIC_KEY`, keys in hex. No part of a process that has made the book: its heap
 * is grown and its code is warm.
 */
const [path = "", key = "", account = "", publicKey = ""] = process.argv.slice(2);
const signer: BookSigner = {
  account,
  signBook: () => {
    throw new Error("nothing is signed here");
  },
  holdsBook: (what, bytes, signature) =>
    verifyBytes(`porter/1 book ${what}`, bytes, signature, Buffer.from(publicKey, "hex")),
};
const opened = openDb({ path, key: Buffer.from(key, "hex"), mayCreate: false });
if (!opened.ok) throw new Error(opened.detail);
const place = { region: "GB", timeZone: "Europe/London" };
const startedMs = systemClock.monotonicMs();
const read = new StoredBook({ db: opened.db, signer, place, seal: sealsAllAlike }).read();
const tookMs = systemClock.monotonicMs() - startedMs;
if (!read.ok || !read.signed) throw new Error("the book did not load");
console.log(tookMs);
opened.db.close();
