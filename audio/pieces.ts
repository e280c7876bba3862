import type { Frame16k } from "./frame.ts";

/** Sound that came in pieces of any length (mono, 16 kHz), of which the first was played up to `next`. */
export type Pieces = { readonly pieces: Int16Array[]; next: number };

/** Moves up to one frame from the pieces to `out`, fills the rest with zeros, returns how many samples were there. */
export function takeFrame(from: Pieces, out: Frame16k): number {
  let copied = 0;
  while (copied < out.length) {
    const piece = from.pieces[0];
    if (piece === undefined) break;
    const count = Math.min(out.length - copied, piece.length - from.next);
    for (let index = 0; index < count; index += 1) out[copied + index] = piece[from.next + index] ?? 0;
    copied += count;
    from.next += count;
    if (from.next === piece.length) {
      from.pieces.shift();
      from.next = 0;
    }
  }
  out.fill(0, copied);
  return copied;
}
