import { letters, shortened } from "./letters.ts";

/** A label beside a mark at `x`; all in units of the drawing. */
export type Label<T> = Readonly<{ x: number; text: string; of: T }>;
export type Placed<T> = Label<T> & Readonly<{ left: number; width: number; row: number }>;

/** Of a sans-serif at 11.5 units, on the generous side: no font is measured here. */
const CHAR_WIDTH = 6.7;
const WIDE_CHAR_WIDTH = 12.5;
const PADDING = 10;
const GAP = 4;

export function widthOf(text: string): number {
  let width = PADDING;
  for (const char of text)
    width += char >= "\u1100" && char !== "…" && !/[“”‘’✓✕]/u.test(char) ? WIDE_CHAR_WIDTH : CHAR_WIDTH;
  return width;
}

/** Puts each label, in order of x, into the first row where it has room; what finds none in `maxRows` is left out. */
export function place<T>(labels: readonly Label<T>[], totalWidth: number, maxRows: number): Placed<T>[] {
  const ends: number[] = [];
  const placed: Placed<T>[] = [];
  for (const label of labels.toSorted((a, b) => a.x - b.x)) {
    const width = Math.min(widthOf(label.text), totalWidth);
    const left = Math.max(0, Math.min(label.x, totalWidth - width));
    const free = ends.findIndex((end) => end + GAP <= left);
    const row = free === -1 ? ends.length : free;
    if (row >= maxRows) continue;
    ends[row] = left + width;
    placed.push({ ...label, left, width, row });
  }
  return placed;
}

/** Breaks a text into at most `maxLines` lines that fit; the last one says where something is missing. */
export function wrapped(text: string, width: number, maxLines: number): string[] {
  const maxChars = Math.floor((width - PADDING / 2) / CHAR_WIDTH);
  if (maxChars < 4) return [];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/u)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (letters(longer).length <= maxChars) line = longer;
    else if (line === "") line = shortened(word, maxChars);
    else {
      lines.push(line);
      line = shortened(word, maxChars);
    }
    if (lines.length === maxLines) break;
  }
  if (lines.length < maxLines) return [...lines, line];
  const last = lines.at(-1) ?? "";
  return [...lines.slice(0, -1), shortened(`${last}…`, maxChars)];
}
