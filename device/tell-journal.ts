import type { JournalEntry } from "./store/journal-line.ts";
import { whyItDidNotRing } from "./store/why.ts";
import * as say from "./voice/say.ts";
import { spokenTime } from "./voice/when.ts";

const WEEK_MS = 7 * 86_400_000;

const WHAT: Readonly<Record<string, string>> = {
  block: "block",
  unblock: "unblocking",
  calling: "turn of the calling switch",
  grant: "permission",
  revoke: "permission taken away",
  "quiet-hours": "change of quiet hours",
  "add-person": "new contact",
  import: "import",
  "remove-person": "deletion",
  "pin-set": "new PIN",
  "pin-off": "removal of the PIN",
  "pin-wrong": "wrong PIN",
};
const HOW: Readonly<Record<string, string>> = {
  voice: "by voice",
  button: "by the button",
  cli: "by the porter command",
};

/** "Did anyone change my settings?" Nobody is named: it may be asked while somebody listens. */
export function tellChanges(entries: readonly JournalEntry[], nowMs: number): say.Sentence {
  const counts = new Map<string, number>();
  for (const { what, detail = "", by = "", lastMs, count } of entries) {
    if (what !== "change" || nowMs - lastMs > WEEK_MS) continue;
    const kind = detail.split(" ")[0] ?? "";
    const words = `${Object.hasOwn(WHAT, kind) ? WHAT[kind] : "other change"} ${HOW[by] ?? ""}`;
    counts.set(words, (counts.get(words) ?? 0) + count);
  }
  return counts.size === 0
    ? say.nothingChanged()
    : say.changes([...counts].map(([words, count]) => `${count} ${words}`));
}

/** "Why didn't it ring?" The last call that did not; who it was is not said. */
export function tellWhy(entries: readonly JournalEntry[], nowMs: number, timeZone: string): say.Sentence {
  const [last] = whyItDidNotRing(entries);
  return last === undefined
    ? say.everythingRang()
    : say.didNotRing(spokenTime(last.lastMs, nowMs, timeZone), last.because);
}
