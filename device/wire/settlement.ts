import { createHash } from "node:crypto";
import * as v from "valibot";
import type { AccountId } from "../keys/account.ts";
import { encodeCbor, parseCbor } from "./cbor.ts";

/**
 * MQTT's PUBACK says that an envelope arrived, not that it was dealt with: a unit may die in between. So the hub keeps
 * each envelope of class `inbox` until its unit names it here, on its `out`: canonical CBOR `{v: 1, settled: [...]}`,
 * whatever became of it, so that this tells no more than that the unit runs.
 */
const DIGEST_BYTES = 16;
export const MAX_SETTLED = 128;
export const MAX_SETTLEMENT_BYTES = MAX_SETTLED * (DIGEST_BYTES + 1) + 32;

const Settlement = v.strictObject({
  v: v.literal(1),
  settled: v.pipe(
    v.array(v.pipe(v.instance(Uint8Array), v.length(DIGEST_BYTES))),
    v.minLength(1),
    v.maxLength(MAX_SETTLED),
  ),
});

/** How every settlement begins, and no frame: so that the two are told apart unparsed. */
const BEGINNING = encodeCbor({ v: 1, settled: [] }).subarray(0, -1);

export function isSettlement(publication: Uint8Array): boolean {
  return Buffer.compare(publication.subarray(0, BEGINNING.length), BEGINNING) === 0;
}

/**
 * Names one delivery, in hexadecimal. The sender counts too: whoever sends a copy of another's envelope must not have
 * that one settled with it.
 */
export function deliveryDigest(sender: AccountId, envelope: Uint8Array): string {
  const hash = createHash("sha256").update(`porter/1 settled ${sender} `).update(envelope);
  return hash.digest("hex").slice(0, DIGEST_BYTES * 2);
}

/** `MAX_SETTLED` digests at most. */
export function encodeSettlement(digests: readonly string[]): Uint8Array {
  return encodeCbor({ v: 1, settled: digests.map((digest) => new Uint8Array(Buffer.from(digest, "hex"))) });
}

/** Null for anything else. Never throws. */
export function decodeSettlement(bytes: Uint8Array): string[] | null {
  if (bytes.length > MAX_SETTLEMENT_BYTES) return null;
  const settled = parseCbor(Settlement, bytes)?.settled;
  return settled ? settled.map((digest) => Buffer.from(digest).toString("hex")) : null;
}
