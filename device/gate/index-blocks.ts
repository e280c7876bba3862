import type { Block } from "./book.ts";
import { differences } from "./differences.ts";
import { LayeredMap, type MapEdit } from "./layered-map.ts";
import { sameLine } from "./number-key.ts";
import { PackedMap } from "./packed-map.ts";

type BlockKind = "people" | "accounts" | "lines" | "prefixes" | "others";

/** What is blocked by itself. */
export type BlockIndex = Readonly<{
  /** How many blocks there are on each. */
  blocked: Readonly<Record<BlockKind, LayeredMap<number>>>;
  /** How long the prefixes are, each length once: one look for each says whether any matches. */
  prefixLengths: readonly number[];
}>;

export const NO_BLOCKS: BlockIndex = {
  blocked: {
    people: new LayeredMap(),
    accounts: new LayeredMap(),
    lines: new LayeredMap(),
    prefixes: new LayeredMap(),
    others: new LayeredMap(),
  },
  prefixLengths: [],
};

/** The index of a list that came of the one it is for; null where nothing differs. */
export function indexBlocks(
  { blocked, prefixLengths }: BlockIndex,
  before: readonly Block[],
  after: readonly Block[],
): BlockIndex | null {
  const first = before.length === 0 ? indexDistinct(after) : null;
  if (first) return first;
  const differ = differences(before, after);
  if (differ.length === 0) return null;
  const edits: Record<BlockKind, MapEdit<number>> = {
    people: blocked.people.edit(),
    accounts: blocked.accounts.edit(),
    lines: blocked.lines.edit(),
    prefixes: blocked.prefixes.edit(),
    others: blocked.others.edit(),
  };
  for (const { gone, come } of differ) {
    for (const block of gone) count(edits, block, -1);
    for (const block of come) count(edits, block, 1);
  }
  const { people, accounts, lines, prefixes, others } = edits;
  const changed = {
    people: people.done(),
    accounts: accounts.done(),
    lines: lines.done(),
    prefixes: prefixes.done(),
    others: others.done(),
  };
  const isAnyPrefix = differ.some(({ gone, come }) => [...gone, ...come].some((block) => "prefix" in block));
  return { blocked: changed, prefixLengths: isAnyPrefix ? lengthsOf(changed.prefixes) : prefixLengths };
}

/** A whole index at once; null where one thing is blocked twice. */
function indexDistinct(blocks: readonly Block[]): BlockIndex | null {
  const counts = { people: 0, accounts: 0, lines: 0, prefixes: 0, others: 0 };
  for (const block of blocks) counts[kindOf(block)] += 1;
  const packed = {
    people: new PackedMap<number>(counts.people),
    accounts: new PackedMap<number>(counts.accounts),
    lines: new PackedMap<number>(counts.lines),
    prefixes: new PackedMap<number>(counts.prefixes),
    others: new PackedMap<number>(counts.others),
  };
  for (const block of blocks) if (!packed[kindOf(block)].add(keyOf(block), 1)) return null;
  const { people, accounts, lines, prefixes, others } = packed;
  const blocked = {
    people: new LayeredMap(people),
    accounts: new LayeredMap(accounts),
    lines: new LayeredMap(lines),
    prefixes: new LayeredMap(prefixes),
    others: new LayeredMap(others),
  };
  return { blocked, prefixLengths: lengthsOf(blocked.prefixes) };
}

function count(edits: Record<BlockKind, MapEdit<number>>, block: Block, by: 1 | -1): void {
  const edit = edits[kindOf(block)];
  const key = keyOf(block);
  const blocks = (edit.get(key) ?? 0) + by;
  if (blocks === 0) edit.delete(key);
  else edit.set(key, blocks);
}

function kindOf(block: Block): BlockKind {
  if ("person" in block) return "people";
  if ("account" in block) return "accounts";
  if ("number" in block) return "lines";
  return "prefix" in block ? "prefixes" : "others";
}

function keyOf(block: Block): string {
  if ("person" in block) return block.person;
  if ("account" in block) return block.account;
  if ("number" in block) return sameLine(block.number);
  if ("prefix" in block) return block.prefix;
  return "withheld" in block ? "withheld" : "unknown";
}

function lengthsOf(prefixes: LayeredMap<number>): readonly number[] {
  return [...new Set([...prefixes.keys()].map((prefix) => prefix.length))];
}
