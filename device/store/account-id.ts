import * as v from "valibot";
import { isAccountId } from "../keys/account.ts";

export const AccountIdSchema = v.custom<string>(isAccountId, "is not an account id");

/** What somebody typed or pasted, as an account id; null where it is none. Case and white space do not matter. */
export function readAccountId(text: string): string | null {
  const plain = text.replaceAll(/\s/g, "").toLowerCase();
  return isAccountId(plain) ? plain : null;
}
