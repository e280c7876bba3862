import { type DecodeOptions, decode, encode } from "cborg";
import * as v from "valibot";

/**
 * CBOR as everything signed or sent here is written: deterministic (RFC 8949 §4.2.3, length-first key order), text
 * keys, no tags, no floats, no indefinite lengths, no undefined. One value has exactly one encoding.
 */
export function encodeCbor(value: unknown): Uint8Array {
  return encode(value);
}

export type CborDecoded = Readonly<{ ok: true; value: unknown }> | Readonly<{ ok: false }>;

const STRICT: DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
};

/** Never throws. Refuses whatever `encodeCbor` would not have written byte for byte. */
export function decodeCbor(bytes: Uint8Array): CborDecoded {
  try {
    const value: unknown = decode(bytes, STRICT);
    return Buffer.compare(encode(value), bytes) === 0 ? { ok: true, value } : { ok: false };
  } catch {
    return { ok: false }; // bottomless nesting ends here too, as a RangeError
  }
}

/** Canonical CBOR of one shape; null for anything else. Never throws. */
export function parseCbor<Output>(schema: v.GenericSchema<unknown, Output>, bytes: Uint8Array): Output | null {
  const decoded = decodeCbor(bytes);
  if (!decoded.ok) return null;
  const parsed = v.safeParse(schema, decoded.value);
  return parsed.success ? parsed.output : null;
}
