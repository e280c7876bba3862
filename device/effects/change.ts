import type { By, Event } from "../events.ts";
import type { Person } from "../gate/book.ts";
import type { Stores } from "../ports.ts";
import type { ChangeResult } from "../store/book.ts";
import type { BookChange } from "../store/change.ts";
import { linesOfChange } from "../store/journal-change.ts";
import type { DialogOutput } from "../voice/states.ts";

/**
 * The one way to change the book. What loosens is durable first, then known to the brain, then confirmed. What tightens
 * is known to the brain first, so that it silences whatever it is about, then durable, then confirmed.
 */
export type Change = (change: BookChange, by: By, afterwards: readonly DialogOutput[]) => ChangeResult | null;

/** Null is answered where there is no book to change. */
export function changing(stores: Stores | null, dispatch: (event: Event) => void): Change {
  return (change, by, afterwards) => {
    const result = stores?.book.apply(change) ?? null;
    if (!stores || !result?.ok) {
      // Whoever asked over the control socket reads why in the answer; by voice it must be said.
      if (by !== "cli") dispatch({ type: "book-refused" });
      return result;
    }
    const { book, changed, person } = result;
    const lines = changed ? linesOfChange(change, by, result) : [];
    const forget = changed && change.type === "remove-person" && person ? forgetting(person) : null;
    dispatch({ type: "book-changed", book, saving: { lines, forget, by, afterwards } });
    // Over the control socket all that follows has happened by now, and it is on the disk or could not be.
    const { unsaved: _, ...told } = result;
    return stores.book.isUnsaved ? { ...told, unsaved: true } : told;
  };
}

/** Whoever is removed from the book is forgotten by all that names them. */
function forgetting({ id, accounts, numbers, addresses }: Person) {
  return { whom: { keys: [...accounts, ...numbers, ...addresses], person: id }, accounts };
}
