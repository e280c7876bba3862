import type { Book, Person } from "../gate/book.ts";
import type { Applied, ChangeRefusal } from "./change.ts";

/** The ways in which a change ends. */
type Done = Extract<Applied, { ok: true }>;

export function changed(book: Book, person?: Person, back = false): Done {
  const next = Object.freeze({ ...book, revision: book.revision + 1 });
  return { ok: true, book: next, changed: true, ...(person && { person }), ...(back && { back }) };
}

export function unchanged(book: Book, person?: Person): Done {
  return { ok: true, book, changed: false, ...(person && { person }) };
}

export function refused(why: ChangeRefusal): Applied {
  return { ok: false, why };
}

export function withPerson(book: Book, id: string, then: (person: Person) => Applied): Applied {
  const person = book.people.find((each) => each.id === id);
  return person ? then(person) : refused({ code: "no-such-person", person: id });
}

export function withChanged(book: Book, person: Person, fields: Partial<Person>): Applied {
  const after: Person = Object.freeze({ ...person, ...fields });
  return changed({ ...book, people: book.people.map((each) => (each === person ? after : each)) }, after);
}
