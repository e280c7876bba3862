import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import * as v from "valibot";
import { encodeCbor, parseCbor } from "../wire/cbor.ts";
import type { BookSigner } from "./book-signature.ts";
import { prepareFile } from "./durable-file.ts";

/**
 * How far the book has come for certain: the highest revision that was confirmed to anybody, and the signatures under which
 * it stands in the database and in the copy. A stored book of a lower revision was rolled back.
 */
export type Confirmed = Readonly<{ revision: number; signatures: readonly string[] }>;

export type BookRecord = Readonly<{
  read(): Readonly<{ found: "record"; confirmed: Confirmed } | { found: "nothing" | "damaged" }>;
  /** Puts it beside the one that counts, as far as the disk can refuse; the function handed back makes it count. Throws. */
  prepare(confirmed: Confirmed): () => void;
}>;

const MAX_BYTES = 4_096;
const Bytes = v.instance(Uint8Array);
const Outer = v.strictObject({ record: Bytes, signature: Bytes });
const Inner = v.strictObject({
  v: v.literal(1),
  owner: v.string(),
  revision: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  signatures: v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.maxLength(4)),
});

export function openBookRecord(path: string, signer: BookSigner): BookRecord {
  return {
    read() {
      const bytes = readSmall(path);
      if (bytes === null) return { found: "nothing" };
      const outer = parseCbor(Outer, bytes);
      if (!outer || !signer.holdsBook("revision", outer.record, outer.signature)) return { found: "damaged" };
      const inner = parseCbor(Inner, outer.record);
      if (!inner || inner.owner !== signer.account) return { found: "damaged" };
      return { found: "record", confirmed: { revision: inner.revision, signatures: inner.signatures } };
    },
    prepare({ revision, signatures }) {
      const record = encodeCbor({ v: 1, owner: signer.account, revision, signatures: [...signatures] });
      return prepareFile(path, encodeCbor({ record, signature: signer.signBook("revision", record) }));
    },
  };
}

/** Null where there is none; nothing of one that is too long, or cannot be read. */
function readSmall(path: string): Uint8Array | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT" ? null : new Uint8Array();
  }
  try {
    const { size } = fstatSync(file);
    const bytes = new Uint8Array(size > MAX_BYTES ? 0 : size);
    readSync(file, bytes);
    return bytes;
  } catch {
    return new Uint8Array();
  } finally {
    closeSync(file);
  }
}
