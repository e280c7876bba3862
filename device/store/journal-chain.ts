import { createHash, randomBytes } from "node:crypto";
import type { AccountId } from "../gate/book.ts";

/**
 * The journal is two chains, so that a flood in one pushes nothing out of the other. `single`: one line each for what
 * the owner did and whom the gate let in; `counted`: what was folded into counts.
 */
export const STRANDS = ["single", "counted"] as const;
export type Strand = (typeof STRANDS)[number];

/**
 * A line in its chain. `commitment` = SHA-256(salt, details); `hash` = SHA-256(hash of the line before, number,
 * commitment). Salt and details may be deleted: the chain needs neither, and nothing can be guessed from a commitment
 * whose salt is gone.
 */
export type Sealed = Readonly<{
  strand: Strand;
  /** From 1, without a gap. */
  number: number;
  /** 16 random bytes; null, with `details`, once the line was forgotten. */
  salt: Uint8Array | null;
  details: string | null;
  /** 32 bytes. */
  commitment: Uint8Array;
  /** 32 bytes. */
  hash: Uint8Array;
}>;

/** Where a strand stands: lines `first` to `last` are kept; `before` is the hash that `first` follows, `head` the last. */
export type StrandRange = Readonly<{ first: number; before: Uint8Array; last: number; head: Uint8Array }>;

export const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** A strand without a line. It is bound to its account: no line of another journal fits in. */
export function emptyRange(account: AccountId, strand: Strand): StrandRange {
  const start = sha256("porter/1 journal start", Buffer.from(`${strand} ${account}`));
  return { first: 1, before: start, last: 0, head: start };
}

export function commitmentOf(salt: Uint8Array, details: string): Uint8Array {
  return sha256("porter/1 journal details", salt, Buffer.from(details, "utf8"));
}

export function hashAfter(previous: Uint8Array, number: number, commitment: Uint8Array): Uint8Array {
  const place = Buffer.alloc(8);
  place.writeBigUInt64BE(BigInt(number));
  return sha256("porter/1 journal line", previous, place, commitment);
}

/** The next line of a strand. */
export function seal(strand: Strand, range: StrandRange, details: string): Sealed {
  const salt = new Uint8Array(randomBytes(SALT_BYTES));
  const commitment = commitmentOf(salt, details);
  const number = range.last + 1;
  return { strand, number, salt, details, commitment, hash: hashAfter(range.head, number, commitment) };
}

export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** SHA-256 over `domain`, one zero byte, and the parts: all but the last are of fixed length. */
export function sha256(domain: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256").update(domain).update(Buffer.of(0));
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}
