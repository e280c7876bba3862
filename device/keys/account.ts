import { randomBytes } from "node:crypto";
import { fromBase32, toBase32 } from "./base32.ts";

/** A person's calling identity: an Ed25519 public key in lower-case base32, 52 characters. */
export type AccountId = string;
/** Names a unit among those of its account: 8 random bytes in lower-case base32, 13 characters. */
export type UnitId = string;

const ACCOUNT_CHARACTERS = 52;
const UNIT_CHARACTERS = 13;

/** The id of a 32-byte Ed25519 public key. */
export function accountIdOf(publicKey: Uint8Array): AccountId {
  return toBase32(publicKey);
}

/** The 32-byte Ed25519 public key that an id stands for; null where the text is no account id. */
export function parseAccountId(text: string): Uint8Array | null {
  return text.length === ACCOUNT_CHARACTERS ? fromBase32(text) : null;
}

export function isAccountId(value: unknown): value is AccountId {
  return typeof value === "string" && parseAccountId(value) !== null;
}

export function newUnitId(): UnitId {
  return toBase32(randomBytes(8));
}

export function isUnitId(value: unknown): value is UnitId {
  return typeof value === "string" && value.length === UNIT_CHARACTERS && fromBase32(value) !== null;
}
