import type { Block } from "../gate/book.ts";
import { sameLine } from "../gate/number-key.ts";

export function isSame(one: Block, other: Block): boolean {
  if ("person" in one) return "person" in other && one.person === other.person;
  if ("account" in one) return "account" in other && one.account === other.account;
  if ("number" in one) return "number" in other && sameLine(one.number) === sameLine(other.number);
  if ("prefix" in one) return "prefix" in other && one.prefix === other.prefix;
  return "withheld" in one ? "withheld" in other : "unknown" in other;
}

/** Each block once, as the database keeps them; the same list where none is new. */
export function withBlocks(blocks: readonly Block[], more: readonly Block[]): readonly Block[] {
  const missing = more.filter((wanted) => !blocks.some((each) => isSame(each, wanted)));
  return missing.length === 0 ? blocks : [...blocks, ...missing];
}
