import type { Book, Person } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import type { ChangeResult } from "../store/book.ts";
import { type BookChange, isBlocked } from "../store/change.ts";
import { type CardOutcome, lookAt } from "../store/change-import.ts";
import { describeRefusal } from "./book-requests.ts";
import type { CardView } from "./import-views.ts";
import type { ControlHandlers, RequestError } from "./requests.ts";

/** The book and how it is changed; or why there is none. */
type Opened = Readonly<
  { ok: true; book: Book; change: (change: BookChange) => ChangeResult } | { ok: false; error: RequestError }
>;

export function importHandlers(opened: () => Opened): Pick<ControlHandlers, "import-look" | "import"> {
  return {
    "import-look": ({ cards }) => {
      const found = opened();
      if (!found.ok) return found;
      const { book } = found;
      const view = viewerOf(book);
      return { ok: true, answer: { cards: cards.map((card) => view(lookAt(book, card))) } };
    },
    import: ({ cards }) => {
      const found = opened();
      if (!found.ok) return found;
      const result = found.change({ type: "import", cards });
      if (!result.ok) return { ok: false, error: describeRefusal(result.why) };
      return { ok: true, answer: { cards: (result.cards ?? []).map(viewerOf(result.book)) } };
    },
  };
}

function viewerOf(book: Book): (outcome: CardOutcome) => CardView {
  const known = lookup(book);
  const isKeptOut = ({ accounts, numbers }: Person) =>
    accounts.some((account) => known.blocked(account)) || numbers.some((number) => known.numberBlocked(number));
  const now = new Map(book.people.map((person) => [person.id, person]));
  return (outcome) => {
    const people = "person" in outcome ? [outcome.person] : "people" in outcome ? outcome.people : [];
    return {
      outcome: outcome.outcome,
      people: people.map(({ id, name }) => ({ id, name })),
      blocked: people.some((person) => isKeptOut(person) || isBlocked(book, now.get(person.id) ?? person)),
      ...("detail" in outcome && { detail: outcome.detail }),
    };
  };
}
