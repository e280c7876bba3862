import * as v from "valibot";

/** What the gate compares, as it is stored: `device/number.ts` makes these out of what people write. */

/** E.164 with its `+`, or bare digits where that is all there is. */
export const NumberKeySchema = v.pipe(v.string(), v.regex(/^(?:\+[1-9]\d{1,39}|\d{1,40})$/, "is not a number"));

/** An E.164 beginning. */
export const PrefixSchema = v.pipe(v.string(), v.regex(/^\+[1-9]\d{0,14}$/, "is not the beginning of a number"));

export const AddressSchema = v.pipe(
  v.string(),
  v.maxLength(254, "is too long"),
  v.regex(/^[^\s@\p{C}]+@[^\s@\p{C}]+$/u, "is not an address"),
);
