import type { Book } from "./gate/book.ts";

/** Does a book let somebody do more than the one before? Whoever may not know of it is told at their next word. */
export function isLooser(before: Book | null, after: Book): boolean {
  if (before === null) return false;
  if (before.calling === "off" && after.calling === "on") return true;
  if (before.unknown === "drop" && after.unknown === "hold") return true;
  if (before.kids && !after.kids) return true;
  return isUnblocked(before, after) || hasMoreGrants(before, after);
}

/** The blocks on somebody who was deleted hold on, as seals. */
function isUnblocked(before: Book, after: Book): boolean {
  return after.blocks.length < before.blocks.length && after.deleted.length <= before.deleted.length;
}

function hasMoreGrants(before: Book, after: Book): boolean {
  if (before.people === after.people) return false;
  const same = new Set(before.people);
  const others = after.people.filter((person) => !same.has(person) && person.grants.length > 0);
  return others.some(({ id, grants }) => {
    const had = before.people.find((person) => person.id === id)?.grants ?? [];
    return grants.some((grant) => !had.includes(grant));
  });
}
