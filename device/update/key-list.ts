import type { KeyObject } from "node:crypto";
import * as v from "valibot";
import { accountIdOf, parseAccountId } from "../keys/account.ts";
import { rawPublicKey, signBytes, verifyBytes } from "../keys/signing.ts";
import { formatOf, parseJson } from "./manifest.ts";
import { type Refused, refuse } from "./refusal.ts";

export const MAX_KEY_LIST_BYTES = 65_536;
export const SIGNATURE_BYTES = 64;
const MAX_KEYS = 64;

/** An Ed25519 public key as text: 52 characters of lower-case base32. */
export const PublicKey = v.pipe(
  v.string(),
  v.check((text) => parseAccountId(text) !== null, "must be a public key of 52 characters"),
);

/**
 * Which keys may sign firmware, by the word of the root key. The higher number counts; a unit never goes back to a lower
 * one. A revoked key stays on the list for good.
 */
const KeyList = v.strictObject({
  format: v.literal(1),
  number: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  keys: v.pipe(
    v.array(v.strictObject({ key: PublicKey, use: v.picklist(["release", "development", "revoked"]) })),
    v.maxLength(MAX_KEYS),
    v.check((keys) => new Set(keys.map(({ key }) => key)).size === keys.length, "must not name a key twice"),
  ),
});
export type KeyList = v.InferOutput<typeof KeyList>;

/** The list as it was signed, with its signature. */
export type SignedKeyList = Readonly<{ bytes: Uint8Array; signature: Uint8Array }>;

export function signKeyList(list: KeyList, root: KeyObject): SignedKeyList {
  const { format, number } = list;
  const keys = list.keys.map(({ key, use }) => ({ key, use }));
  const bytes = Buffer.from(`${JSON.stringify({ format, number, keys }, null, 1)}\n`);
  return { bytes, signature: signBytes("porter/1 firmware keys", bytes, root) };
}

/** The list, where `root` (its public key as text) signed it. Never throws. */
export function readKeyList(signed: SignedKeyList, root: string): Readonly<{ ok: true; list: KeyList }> | Refused {
  const { bytes, signature } = signed;
  const key = parseAccountId(root);
  if (bytes.length > MAX_KEY_LIST_BYTES) return refuse("too-large", "its list of keys");
  if (!key || !verifyBytes("porter/1 firmware keys", bytes, signature, key)) return refuse("wrong-root");
  const value = parseJson(bytes);
  if (formatOf(value) > 1) return refuse("newer-format", "its list of keys");
  const parsed = v.safeParse(KeyList, value);
  if (!parsed.success) return refuse("malformed", `keys: ${v.summarize([parsed.issues[0]])}`);
  return { ok: true, list: parsed.output };
}

export function signManifest(manifest: Uint8Array, key: KeyObject): Uint8Array {
  return signBytes("porter/1 firmware manifest", manifest, key);
}

/** Who on the list signed a manifest; null for nobody on it. */
export function signerOf(list: KeyList, manifest: Uint8Array, signature: Uint8Array): KeyList["keys"][number] | null {
  const signed = ({ key }: { key: string }) => {
    const raw = parseAccountId(key);
    return raw !== null && verifyBytes("porter/1 firmware manifest", manifest, signature, raw);
  };
  return list.keys.find(signed) ?? null;
}

/** A key's public half as it stands on lists. */
export function publicKeyOf(key: KeyObject): string {
  return accountIdOf(rawPublicKey(key));
}
