import type { Block } from "./book.ts";
import { differences } from "./differences.ts";
import { LayeredMap, type MapEdit } from "./layered-map.ts";
import { sameLine } from "./number-key.ts";

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

/** A whole index at once; null where one thing is blocked twice. Nearly all of the time goes into the keys' first look-up. */
function indexDistinct(blocks: readonly Block[]): BlockIndex | null {
  const counts = {
    people: new Map<string, number>(),
    accounts: new Map<string, number>(),
    lines: new Map<string, number>(),
    prefixes: new Map<string, number>(),
    others: new Map<string, number>(),
  };
  for (const block of blocks) {
    const [kind, key] = placeOf(block);
    counts[kind].set(key, 1);
  }
  const { people, accounts, lines, prefixes, others } = counts;
  if (people.size + accounts.size + lines.size + prefixes.size + others.size < blocks.length) return null;
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
  const [kind, key] = placeOf(block);
  const blocks = (edits[kind].get(key) ?? 0) + by;
  if (blocks === 0) edits[kind].delete(key);
  else edits[kind].set(key, blocks);
}

function placeOf(block: Block): [BlockKind, string] {
  if ("person" in block) return ["people", block.person];
  if ("account" in block) return ["accounts", block.account];
  if ("number" in block) return ["lines", sameLine(block.number)];
  if ("prefix" in block) return ["prefixes", block.prefix];
  return ["others", "withheld" in block ? "withheld" : "unknown"];
}

function lengthsOf(prefixes: LayeredMap<number>): readonly number[] {
  return [...new Set([...prefixes.keys()].map((prefix) => prefix.length))];
}
