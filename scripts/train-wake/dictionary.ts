import { readFile } from "node:fs/promises";
import { findModel } from "#audio/engines/pocketsphinx.ts";

/** Words and how they are said, from the dictionary of PocketSphinx's English model (CMU's, BSD). */
export type Dictionary = ReadonlyMap<string, readonly string[]>;

export async function readDictionary(): Promise<Dictionary> {
  const lines = (await readFile(findModel().dictionary, "utf8")).split("\n");
  const words = new Map<string, readonly string[]>();
  for (const line of lines) {
    const [word = "", ...phones] = line.trim().split(/\s+/);
    if (/^[a-z]{2,}$/.test(word) && phones.length > 0) words.set(word, phones);
  }
  return words;
}

/** The words that sound most like `word`, the nearest first, without those that contain it. */
export function nearWords(dictionary: Dictionary, word: string, count: number): string[] {
  const wanted = dictionary.get(word) ?? [];
  const contains = (phones: readonly string[]) => phones.join(" ").includes(wanted.join(" "));
  return [...dictionary]
    .filter(([, phones]) => Math.abs(phones.length - wanted.length) <= 3 && !contains(phones))
    .map(([near, phones]) => ({ near, distance: editDistance(phones, wanted) }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ near }) => near);
}

/** V. I. Levenshtein, 1966. */
export function editDistance(from: readonly string[], to: readonly string[]): number {
  let row = to.map((_, i) => i + 1);
  from.forEach((phone, i) => {
    let diagonal = i;
    let left = i + 1;
    row = row.map((above, j) => {
      const here = Math.min(above + 1, left + 1, diagonal + (phone === to[j] ? 0 : 1));
      diagonal = above;
      left = here;
      return here;
    });
  });
  return row.at(-1) ?? from.length;
}
