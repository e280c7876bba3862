import type { Book, QuietHours } from "./gate/book.ts";
import type { BookChange } from "./store/change.ts";
import type { MessageOrder, Order } from "./voice/states.ts";

const DAY_MINUTES = 1_440;

/** The change of the book that an order asks for; null where it asks for something else. */
export function changeFor(order: Order, book: Book | null, nowMs: number): BookChange | null {
  switch (order.type) {
    case "block":
      return { type: "block", block: order.block };
    case "undo-block":
      return { type: "unblock", block: order.block };
    case "unblock":
      return { type: "unblock", block: { person: order.person } };
    case "calling-off":
      return { type: "calling", calling: "off" };
    case "calling-on":
    case "undo-calling-off":
      return { type: "calling", calling: "on" };
    case "delete-person":
      return { type: "remove-person", person: order.person, atMs: nowMs };
    case "grant":
    case "revoke":
      return { type: order.type, person: order.person, grants: order.grants };
    case "rename":
      return { type: "add-alias", person: order.person, alias: order.alias };
    case "quiet":
      return { type: "quiet-hours", quietHours: [...lasting(book, nowMs), order.window] };
    case "undo-quiet": {
      const text = JSON.stringify(order.window);
      return { type: "quiet-hours", quietHours: lasting(book, nowMs).filter((each) => JSON.stringify(each) !== text) };
    }
    case "quiet-off":
      return { type: "quiet-hours", quietHours: lasting(book, nowMs).filter((each) => !isForNow(each)) };
    case "call":
    case "call-number":
    case "answer":
    case "ignore":
    case "hang-up":
    case "mark-heard":
    case "tell-changes":
    case "tell-why":
    case "set-voice":
      return null;
    default:
      order satisfies MessageOrder;
      return null;
  }
}

/** What is over is left out: it would never open again. */
function lasting(book: Book | null, nowMs: number): readonly QuietHours[] {
  return (book?.quietHours ?? []).filter(({ untilMs }) => untilMs === undefined || untilMs > nowMs);
}

/** Quiet for a time, or all day until the owner ends it; the hours of each day stay. */
function isForNow({ untilMs, fromMinute, toMinute }: QuietHours): boolean {
  return untilMs !== undefined || (fromMinute === 0 && toMinute === DAY_MINUTES);
}
