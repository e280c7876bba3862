import * as v from "valibot";

/**
 * 32 bytes in lower-case base32 (RFC 4648, no padding): the last of 52 characters carries one bit and four zeros, so
 * it is `a` or `q`. Anything else would be a second writing of the same account, which a block would miss.
 */
export const AccountIdSchema = v.pipe(v.string(), v.regex(/^[a-z2-7]{51}[aq]$/, "is not an account id"));

/** What somebody typed or pasted, as an account id; null where it is none. Case and white space do not matter. */
export function readAccountId(text: string): string | null {
  const plain = text.replaceAll(/\s/g, "").toLowerCase();
  return v.is(AccountIdSchema, plain) ? plain : null;
}
