import type { AccountId } from "../gate/book.ts";

/** One line of the owner's private journal: what the gate did, what was changed, who called. */
export type JournalLine = Readonly<{
  atMs: number;
  what: "verdict" | "change" | "call" | "start";
  account?: AccountId | undefined;
  act?: string | undefined;
  because?: string | undefined;
  by?: "voice" | "button" | "cli" | "gate" | undefined;
  detail?: string | undefined;
}>;

/** A line as listed. Verdicts that let nothing in are folded by account and minute: `count` of them until `lastMs`. */
export type JournalEntry = JournalLine & Readonly<{ id: number; count: number; lastMs: number }>;

export interface Journal extends Disposable {
  /** Never throws. Dropped and held verdicts reach the disk in batches; everything else before this returns. */
  append(line: JournalLine): void;
  /** Newest first; `before` is the `id` of the last line of the page before. */
  list(page: { limit: number; before?: number | undefined }): JournalEntry[];
  /** Writes what waits. */
  flush(): void;
}
