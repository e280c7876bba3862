import { type DecodeOptions, decode, encode, type Token, Tokenizer } from "cborg";
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

/** Far more than anything of ours holds: names, values, maps and lists, each counted. */
const MAX_ITEMS = 1_024;

/** Ends a decoding at the first item too many: 250 KiB of tiny ones would cost 100 ms (measured), and mean nothing. */
class FewItems extends Tokenizer {
  #items = 0;

  override next(): Token {
    this.#items += 1;
    if (this.#items > MAX_ITEMS) throw new RangeError("too many items");
    return super.next();
  }
}

/** Never throws. Refuses whatever `encodeCbor` would not have written byte for byte. */
export function decodeCbor(bytes: Uint8Array): CborDecoded {
  try {
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length); // of a Buffer, its slices would share memory
    const value: unknown = decode(plain, { ...STRICT, tokenizer: new FewItems(plain, STRICT) });
    return Buffer.compare(encode(value), bytes) === 0 ? { ok: true, value } : { ok: false };
  } catch {
    return { ok: false }; // bottomless nesting ends here too, as a RangeError
  }
}

/** As other people's programs write it (SMP): maps in any order, lengths left open. The same limits otherwise. Never throws. */
export function decodeForeignCbor(bytes: Uint8Array): CborDecoded {
  const options: DecodeOptions = { ...STRICT, strict: false, allowIndefinite: true };
  try {
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    return { ok: true, value: decode(plain, { ...options, tokenizer: new FewItems(plain, options) }) };
  } catch {
    return { ok: false };
  }
}

/** Canonical CBOR of one shape; null for anything else. Never throws. */
export function parseCbor<Output>(schema: v.GenericSchema<unknown, Output>, bytes: Uint8Array): Output | null {
  const decoded = decodeCbor(bytes);
  if (!decoded.ok) return null;
  const parsed = v.safeParse(schema, decoded.value);
  return parsed.success ? parsed.output : null;
}
