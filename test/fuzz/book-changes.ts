import type { Book } from "#device/gate/book.ts";
import { applyChange, type BookChange } from "#device/store/change.ts";
import { ANA, eve, mallory, NOON_MS, zed } from "./cast.ts";

export const EARLIER: readonly BookChange[] = [
  { type: "add-person", name: "ana", aliases: ["mum"], accounts: [ANA], grants: ["ring", "message"] },
  { type: "add-person", name: "mallory", accounts: [mallory.sealer.account], numbers: ["+447700900123"] },
  { type: "add-person", name: "zed", accounts: [zed.sealer.account], grants: ["ring"] },
  { type: "add-person", name: "eve", accounts: [eve.sealer.account], addresses: ["e@example.org"], grants: ["ring"] },
  { type: "add-person", name: "old friend", numbers: ["+442079460018"] },
  { type: "remove-person", person: "old-friend", atMs: NOON_MS },
  { type: "own-hours", person: "mallory", hours: [{ grant: "ring", fromMinute: 60, toMinute: 120, days: ["mon"] }] },
  { type: "quiet-hours", quietHours: [{ fromMinute: 0, toMinute: 400, days: ["sun"], except: ["ana"] }] },
  { type: "block", block: { number: "+447700900999" } },
  { type: "block", block: { prefix: "+4499" } },
  { type: "block", block: { person: "eve" } },
];
/** What nobody may undo: zed is blocked, and eve, who was blocked, is deleted. */
export const LAST: readonly BookChange[] = [
  { type: "block", block: { person: "zed" } },
  { type: "remove-person", person: "eve", atMs: NOON_MS },
];

/** The book after all of them. */
export function after(book: Book, changes: readonly BookChange[]): Book {
  return changes.reduce((before, change) => {
    const applied = applyChange(before, change);
    if (!applied.ok) throw new Error(`${change.type}: ${applied.why.code}`);
    return applied.book;
  }, book);
}
