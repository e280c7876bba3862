import type { NumberKey } from "./book.ts";

/**
 * One spelling for a line that E.164 spells in two ways: Argentina's 9 for mobiles (a subscriber's ten digits are unique
 * without it) and Mexico's 1, gone since 2019 but still sent. For blocks only; a grant wants the number as attested.
 */
export function sameLine(key: NumberKey): NumberKey {
  if (key.length === 14 && key.startsWith("+549")) return `+54${key.slice(4)}`;
  if (key.length === 14 && key.startsWith("+521")) return `+52${key.slice(4)}`;
  return key;
}
