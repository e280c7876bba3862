import { readFile } from "node:fs/promises";
import { editDistance } from "#audio/engines/edit-distance.ts";
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
