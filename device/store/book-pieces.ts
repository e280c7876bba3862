import { hash } from "node:crypto";
import { differences } from "../gate/differences.ts";

/** One stored piece of a list, as far as its owner remembers it. */
export type Piece = Readonly<{ number: number; entries: number; digest: string }>;
export type NewPiece = Piece & Readonly<{ content: Buffer }>;

/** `pieces`: how the list is stored from now on; those of them that are new; the numbers of those that are gone. */
export type Repieced = Readonly<{ pieces: readonly Piece[]; written: readonly NewPiece[]; gone: readonly number[] }>;

/** A change costs the writing of one piece; the signature of a book of 100,000 is made over 400 a list. */
const PIECE = 256;
const FULL = 2 * PIECE;

/** How the pieces of a list become those of the list that came of it. */
export function repiece<Item>(
  pieces: readonly Piece[],
  before: readonly Item[],
  after: readonly Item[],
  write: (items: readonly Item[]) => unknown,
): Repieced {
  const differ = differences(before, after);
  if (differ.length === 0) return { pieces, written: [], gone: [] };
  const sizes = pieces.map(({ entries }) => entries);
  const touched = new Set<number>();
  for (const { at, gone, come } of differ) {
    let left = gone.length;
    let place = 0;
    let start = 0;
    while (place < pieces.length - 1 && start + (pieces[place]?.entries ?? 0) <= at) {
      start += pieces[place]?.entries ?? 0;
      place += 1;
    }
    touched.add(place);
    sizes[place] = (sizes[place] ?? 0) + come.length;
    for (let from = at - start; left > 0; place += 1, from = 0) {
      const here = Math.min(left, (pieces[place]?.entries ?? 0) - from);
      if (here > 0) touched.add(place);
      sizes[place] = (sizes[place] ?? 0) - here;
      left -= here;
    }
  }
  return cut(pieces, sizes, touched, after, write);
}

function cut<Item>(
  pieces: readonly Piece[],
  sizes: readonly number[],
  touched: ReadonlySet<number>,
  after: readonly Item[],
  write: (items: readonly Item[]) => unknown,
): Repieced {
  let next = pieces.reduce((highest, { number }) => Math.max(highest, number), 0) + 1;
  const kept: Piece[] = [];
  const written: NewPiece[] = [];
  const gone: number[] = [];
  let start = 0;
  for (const [place, size] of sizes.entries()) {
    const old = pieces[place];
    const items = after.slice(start, start + size);
    start += size;
    if (old && !touched.has(place)) kept.push(old);
    else if (old && size === 0) gone.push(old.number);
    else {
      const each = size > FULL ? PIECE : FULL;
      for (let from = 0; from < size; from += each) {
        const content = Buffer.from(JSON.stringify(write(items.slice(from, from + each))));
        const number = from === 0 && old ? old.number : next++;
        const piece = { number, entries: Math.min(each, size - from), digest: digestOf(content) };
        written.push({ ...piece, content });
        kept.push(piece);
      }
    }
  }
  return { pieces: kept, written, gone };
}

export function digestOf(content: Uint8Array): string {
  return hash("sha256", content, "base64");
}
