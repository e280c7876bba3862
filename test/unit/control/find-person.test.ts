import { expect, test } from "vitest";
import { findPerson } from "#device/control/find-person.ts";
import { type Book, emptyBook, type Person, sealsAllAlike } from "#device/gate/book.ts";
import { account, OWNER } from "../store/fixtures.ts";

function person(id: string, name: string, aliases: readonly string[] = []): Person {
  return { id, name, aliases, accounts: [account(id)], numbers: [], addresses: [], grants: [], hours: [] };
}

const people = [
  person("mallory", "Mallory"),
  person("jose", "José Ángel", ["Pepe"]),
  person("sam", "Sam"),
  person("sam-2", "Sam"),
  person("aunt-mary", "Aunt Mary"),
];
const BOOK: Book = { ...emptyBook(OWNER, "GB", "Europe/London", sealsAllAlike), people };

test.each([
  ["mallory", "mallory"],
  ["  MALLORY ", "mallory"],
  ["jose angel", "jose"],
  ["pepe", "jose"],
  ["sam-2", "sam-2"],
  [account("sam"), "sam"],
])('"%s" means one person', (who, id) => {
  expect(findPerson(BOOK, who)).toMatchObject({ found: "person", person: { id } });
});

test("a name that two people have is not guessed, unless it is the id of one", () => {
  const twins = { ...BOOK, people: [person("ben-1", "Ben"), person("ben-2", "Ben")] };
  expect(findPerson(twins, "Ben")).toMatchObject({ found: "several", people: [{ id: "ben-1" }, { id: "ben-2" }] });
  expect(findPerson(twins, "ben-1")).toMatchObject({ found: "person", person: { id: "ben-1" } });
});

test("an account that nobody has is still an account", () => {
  expect(findPerson(BOOK, account("stranger"))).toEqual({ found: "account", account: account("stranger") });
});

test.each([
  ["malory", ["Mallory"]],
  ["mary", ["Aunt Mary"]],
  ["pepa", ["José Ángel"]],
  ["xerxes", []],
  ["", []],
])('"%s" means nobody, but is close to %j', (who, close) => {
  expect(findPerson(BOOK, who)).toEqual({ found: "nobody", close });
});
