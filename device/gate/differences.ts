/** One place where two lists differ: `gone` stood at `at` of the first list, `come` stands there in the second. */
export type Difference<Item> = Readonly<{ at: number; gone: readonly Item[]; come: readonly Item[] }>;

/** How far ahead is looked for where the lists agree again. */
const REACH = 32;

/**
 * Where one list differs from the one it came of, by identity, in order. Meant for lists of which little changed in
 * each place; what differs for longer is told as one piece as far as the common end.
 */
export function differences<Item>(before: readonly Item[], after: readonly Item[]): readonly Difference<Item>[] {
  if (before === after) return [];
  const found: Difference<Item>[] = [];
  let [old, now] = [0, 0];
  for (;;) {
    while (old < before.length && now < after.length && before[old] === after[now]) {
      old += 1;
      now += 1;
    }
    if (old === before.length && now === after.length) return found;
    const [gone, come] = nextPiece(before, after, old, now);
    found.push({ at: old, gone: before.slice(old, old + gone), come: after.slice(now, now + come) });
    old += gone;
    now += come;
  }
}

/** How many are gone, and how many have come in their place, until the lists agree again. */
function nextPiece<Item>(before: readonly Item[], after: readonly Item[], old: number, now: number): [number, number] {
  const left = before.length - old;
  const more = after.length - now;
  if (left === 0 || more === 0) return [left, more];
  for (let ahead = 1; ahead <= REACH; ahead += 1) {
    if (ahead < left && before[old + ahead] === after[now]) return [ahead, 0];
    if (ahead < more && before[old] === after[now + ahead]) return [0, ahead];
    if (ahead < left && ahead < more && before[old + ahead] === after[now + ahead]) return [ahead, ahead];
  }
  let same = 0;
  const atMost = Math.min(left, more);
  while (same < atMost && before[before.length - 1 - same] === after[after.length - 1 - same]) same += 1;
  return [left - same, more - same];
}
