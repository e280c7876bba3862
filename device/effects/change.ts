import type { Clock } from "#base/clock.ts";
import type { By, Event } from "../events.ts";
import type { Stores } from "../ports.ts";
import type { ChangeResult } from "../store/book.ts";
import type { BookChange } from "../store/change.ts";
import { linesOfChange } from "../store/journal-change.ts";
import type { DialogOutput } from "../voice/states.ts";

/** The one way to change the book: durable first, then known to the brain, then confirmed. */
export type Change = (change: BookChange, by: By, afterwards: readonly DialogOutput[]) => ChangeResult | null;

/** What they left goes with them, unless the owner saved it as evidence; and so does what was still to be sent to them. */
function forgetMessages({ inbox, outbox }: Stores, accounts: readonly string[]): void {
  for (const account of accounts) outbox.removeAllTo(account);
  inbox.purge(accounts);
}

/** Null is answered where there is no book to change. */
export function changing(stores: Stores | null, clock: Clock, dispatch: (event: Event) => void): Change {
  return (change, by, afterwards) => {
    const result = stores?.book.change(change) ?? null;
    if (!stores || !result?.ok) {
      // Whoever asked over the control socket reads why in the answer; by voice it must be said.
      if (by !== "cli") dispatch({ type: "book-refused" });
      return result;
    }
    const { changed, person } = result;
    if (changed) {
      for (const line of linesOfChange(change, by, result)) stores.journal.append({ atMs: clock.nowMs(), ...line });
    }
    dispatch({ type: "book-changed", book: result.book, unsaved: result.unsaved ?? false, by, afterwards });
    // Whoever is removed from the book is forgotten by the list of calls and the journal too; nothing that must be quick waits for it.
    if (changed && change.type === "remove-person" && person) {
      stores.calls.forget(person.accounts);
      stores.journal.forget(
        { keys: [...person.accounts, ...person.numbers, ...person.addresses], person: person.id },
        by,
      );
      forgetMessages(stores, person.accounts);
    }
    return result;
  };
}
