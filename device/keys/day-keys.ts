import { createHash } from "node:crypto";
import * as v from "valibot";
import { encodeCbor } from "../wire/cbor.ts";
import type { AccountId, UnitId } from "./account.ts";
import type { Certificate } from "./certificate.ts";
import { verifyBytes } from "./signing.ts";

/**
 * What is left for somebody is sealed to a key of theirs that is good for one day, so that it can wait until they are
 * there and nobody can open it later who comes by the unit: the secret is gone by then. For each day there are some
 * keys for one message each, and a fallback for when those are used up. Each is an X-Wing public key
 * (draft-connolly-cfrg-xwing-kem), signed by the unit over all that it is good for.
 */
export type DayKey = Readonly<{
  account: AccountId;
  unit: UnitId;
  /** Days since 1970-01-01 (UTC). */
  day: number;
  /** 16 random bytes in hexadecimal. */
  id: string;
  kind: DayKeyKind;
  /** 1,216 bytes: ML-KEM-768's, then X25519's. */
  key: Uint8Array;
}>;
export type DayKeyKind = v.InferOutput<typeof Kind>;

/** The same as it travels: by whose unit and for which day is known where it is read, and covered by the signature. */
export type SignedKey = v.InferOutput<typeof SignedKey>;

export const ONE_TIME_KEYS_A_DAY = 12;
/** How many days a unit makes keys ahead. */
export const DAYS_AHEAD = 90;
/** A key's day and the date on what is sealed to it may differ by so much: clocks do. */
export const DAYS_APART = 2;
export const DAY_KEY_BYTES = 1_216;
const DAY_MS = 86_400_000;

const Bytes = (length: number) => v.pipe(v.instance(Uint8Array), v.length(length));
const Kind = v.picklist(["one-time", "fallback"]);
export const SignedKey = v.strictObject({
  id: Bytes(16),
  kind: Kind,
  key: Bytes(DAY_KEY_BYTES),
  sig: Bytes(64),
});
/** A day's keys of one unit: the one-time ones, then the fallback. */
export const Batch = v.pipe(
  v.strictObject({ v: v.literal(1), keys: v.array(SignedKey) }),
  v.check(({ keys }) => keys.length === ONE_TIME_KEYS_A_DAY + 1),
  v.check(({ keys }) => keys.every(({ kind }, index) => (kind === "one-time") === index < ONE_TIME_KEYS_A_DAY)),
  v.check(({ keys }) => new Set(keys.map(({ id }) => Buffer.from(id).toString("hex"))).size === keys.length),
);
/** A batch takes some 17 KiB. */
export const MAX_BATCH_BYTES = 20_480;
export function dayOf(atMs: number): number {
  return Math.floor(atMs / DAY_MS);
}

/** What the unit signs of a key: canonical CBOR, under the domain "porter/1 day key". */
export function signedPartOf({ account, unit, day, id, kind, key }: DayKey): Uint8Array {
  return encodeCbor({ v: 1, account, unit, day, id: new Uint8Array(Buffer.from(id, "hex")), kind, key });
}

/** Of a public key: 32 bytes. */
export function hashOfKey(key: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(key).digest());
}

/** A key that this unit signed for this day; null for any other, and for one that nothing should be sealed to. */
export function verifyDayKey(
  signed: SignedKey,
  { account, unit, ed25519 }: Pick<Certificate, "account" | "unit" | "ed25519">,
  day: number,
): DayKey | null {
  const { kind, key, sig } = signed;
  const dayKey: DayKey = { account, unit, day, id: Buffer.from(signed.id).toString("hex"), kind, key };
  const holds = isSoundKey(key) && verifyBytes("porter/1 day key", signedPartOf(dayKey), sig, ed25519);
  return holds ? dayKey : null;
}

const ML_KEM_Q = 3_329;
const ML_KEM_COEFFICIENT_BYTES = 1_152;
const X25519_AT = 1_184;
/** The X25519 points with which every secret is the same (RFC 7748 §6.1), by their bytes without the top bit. */
const LOW_ORDER = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
]);

/** Neither half is broken: coefficients below q (FIPS 203 §7.2) and not all 0, and no point of low order. */
function isSoundKey(key: Uint8Array): boolean {
  const lattice = key.subarray(0, ML_KEM_COEFFICIENT_BYTES);
  if (lattice.every((byte) => byte === 0)) return false;
  for (let at = 0; at < ML_KEM_COEFFICIENT_BYTES; at += 3) {
    const [low = 0, middle = 0, high = 0] = lattice.subarray(at, at + 3);
    if ((low | ((middle & 15) << 8)) >= ML_KEM_Q || ((middle >> 4) | (high << 4)) >= ML_KEM_Q) return false;
  }
  const point = Buffer.from(key.subarray(X25519_AT));
  point[31] = (point[31] ?? 0) & 0x7f;
  return !LOW_ORDER.has(point.toString("hex"));
}
