import { nameForm } from "../store/deleted.ts";

/** What may be chosen: numbered from 1 in this order. */
export type Choosable = Readonly<{ name: string; aliases: readonly string[] }>;

/** One that was chosen; `byName`: by its name, and not only by a number. */
export type Chosen = Readonly<{ index: number; byName: boolean }>;
export type Choice = Readonly<{ ok: true; chosen: readonly Chosen[] } | { ok: false; why: string }>;

/** "1,4-7", "Ana" or several of these. A name that several have chooses none of them. Null stands for what cannot be chosen. */
export function readChoice(text: string, items: readonly (Choosable | null)[]): Choice {
  const chosen = new Map<number, boolean>();
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length === 0) return { ok: false, why: "nothing was chosen" };
  for (const part of findWhole(text, items) ? [text] : parts) {
    const [, first, last = first] = /^(\d{1,9})(?:\s*-\s*(\d{1,9}))?$/.exec(part) ?? [];
    if (first === undefined || last === undefined) {
      const found = byName(part, items);
      if (!found.ok) return found;
      chosen.set(found.index, true);
      continue;
    }
    const [from, to] = [Number(first), Number(last)];
    if (from < 1 || to > items.length || from > to)
      return { ok: false, why: `"${part}" is not within 1-${items.length}` };
    for (let number = from; number <= to; number += 1) {
      if (!chosen.has(number - 1)) chosen.set(number - 1, false);
    }
  }
  return { ok: true, chosen: [...chosen].map(([index, named]) => ({ index, byName: named })) };
}

type Found = Readonly<{ ok: true; index: number } | { ok: false; why: string }>;

function byName(name: string, items: readonly (Choosable | null)[]): Found {
  const indices = called(name, items);
  const [index, ...others] = indices;
  if (index === undefined) return { ok: false, why: `no card is called "${name}"` };
  if (others.length === 0) return { ok: true, index };
  const numbers = indices.map((each) => each + 1).join(", ");
  return { ok: false, why: `several cards are called "${name}": say which by number (${numbers})` };
}

/** "Doe, John" is one name, if there is such a card. */
function findWhole(text: string, items: readonly (Choosable | null)[]): boolean {
  return text.includes(",") && called(text, items).length > 0;
}

function called(name: string, items: readonly (Choosable | null)[]): readonly number[] {
  const wanted = nameForm(name);
  if (wanted === "") return [];
  return items.flatMap((item, index) =>
    item !== null && [item.name, ...item.aliases].some((each) => nameForm(each) === wanted) ? [index] : [],
  );
}
