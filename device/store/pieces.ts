/** Hands on item after item, and lets whatever else waits have its turn after every so many. */
export async function* inPieces<Item>(items: Iterable<Item>, size = 256): AsyncGenerator<Item> {
  let taken = 0;
  for (const item of items) {
    yield item;
    taken += 1;
    if (taken % size === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
