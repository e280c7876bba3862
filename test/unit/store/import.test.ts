import fc from "fast-check";
import { expect, test } from "vitest";
import { type Book, emptyBook } from "#device/gate/book.ts";
import { decide } from "#device/gate/decide.ts";
import { lookup } from "#device/gate/lookup.ts";
import { applyChange, type BookChange } from "#device/store/change.ts";
import { type Card, type CardOutcome, lookAt, type TickedCard } from "#device/store/change-import.ts";
import { callFrom, NOON, testSeal } from "#test/house/books.ts";
import { account, OWNER } from "./fixtures.ts";

const ANA = account("ana");
const DAVE = account("dave");
const MALLORY = account("mallory");
const HOME = "+442079460018";
const MOBILE = "+447700900123";
const OTHER = "+441314960000";

const EMPTY = emptyBook(OWNER, "GB", "Europe/London", testSeal);
const addAna: BookChange = { type: "add-person", name: "Ana", accounts: [ANA], numbers: [HOME], grants: ["ring"] };
const addMallory: BookChange = { type: "add-person", name: "Mallory", accounts: [MALLORY] };
const addDave: BookChange = {
  type: "add-person",
  name: "Dave",
  aliases: ["Davey"],
  accounts: [DAVE],
  numbers: [MOBILE],
};
const removeDave: BookChange = { type: "remove-person", person: "dave", atMs: 0 };

function card(name: string, more: Partial<TickedCard> = {}): TickedCard {
  return { name, aliases: [], accounts: [], numbers: [], addresses: [], bringBack: false, another: false, ...more };
}

function after(...changes: BookChange[]): Book {
  return changes.reduce((book, change) => {
    const applied = applyChange(book, change);
    if (!applied.ok) throw new Error(`${change.type}: ${applied.why.code}`);
    return applied.book;
  }, EMPTY);
}

function imported(book: Book, ...cards: TickedCard[]): { book: Book; outcomes: CardOutcome["outcome"][] } {
  const applied = applyChange(book, { type: "import", cards });
  if (!applied.ok) throw new Error(applied.why.code);
  return { book: applied.book, outcomes: (applied.cards ?? []).map(({ outcome }) => outcome) };
}

function verdictFor(book: Book, from: string): string {
  return decide(callFrom(from, { to: OWNER }), book, NOON).because;
}

test("a card becomes a person who may do nothing", () => {
  const { book, outcomes } = imported(EMPTY, card("Ana", { accounts: [ANA], numbers: [[HOME]], addresses: ["a@b"] }));
  expect(outcomes).toEqual(["new"]);
  expect(book.people).toEqual([
    {
      id: "ana",
      name: "Ana",
      aliases: [],
      accounts: [ANA],
      numbers: [HOME],
      addresses: ["a@b"],
      grants: [],
      hours: [],
    },
  ]);
  expect(book.revision).toBe(EMPTY.revision + 1);
  expect(decide(callFrom(ANA, { to: OWNER }), book, NOON)).toMatchObject({ act: "hold", because: "not-granted" });
});

test.each<[string, Partial<TickedCard>]>([
  ["an account to Ana's number", { accounts: [MALLORY], numbers: [[HOME]] }],
  ["a number to Ana's account", { accounts: [ANA], numbers: [[MOBILE]] }],
  ["another number to Ana's number", { numbers: [[HOME], [MOBILE]] }],
])("a doctored card that adds %s is left alone: her grants would cover it", (_, more) => {
  const before = after(addAna);
  for (const flags of [{}, { bringBack: true, another: true }]) {
    const { book, outcomes } = imported(before, card("Ana", { ...more, ...flags }));
    expect(outcomes).toEqual(["granted"]);
    expect(book).toBe(before);
  }
  // Without grants it is the owner's to tick.
  const revoked = after(addAna, { type: "revoke", person: "ana", grants: ["ring"] });
  expect(imported(revoked, card("Ana", more)).outcomes).toEqual(["more"]);
});

test("another spelling of a granted person's line is not made theirs by a card, nor somebody else's", () => {
  const add: BookChange = { type: "add-person", name: "Ana", numbers: ["+5491123456789"], grants: ["ring"] };
  const before = after(add);
  expect(imported(before, card("Eva", { numbers: [["+541123456789"]] })).outcomes).toEqual(["granted"]);
});

test("a name alone says nothing of who it is: the card is left alone unless it is said to be somebody else's", () => {
  const before = after(addAna);
  const doctored = card("ANA", { accounts: [MALLORY] });
  expect(imported(before, doctored)).toEqual({ book: before, outcomes: ["same-name"] });
  const { book, outcomes } = imported(before, { ...doctored, another: true });
  expect(outcomes).toEqual(["new"]);
  expect(book.people.map(({ id, grants }) => [id, grants])).toEqual([
    ["ana", ["ring"]],
    ["ana-2", []],
  ]);
  expect(verdictFor(book, MALLORY)).toBe("not-granted");
  expect(imported(before, card("Ana")).outcomes).toEqual(["known"]);
});

test("a card's alias that is somebody's name already is not taken over, so that nobody is called in their place", () => {
  const { book } = imported(after(addAna), card("Mallory", { accounts: [MALLORY], aliases: ["ana", "Mal"] }));
  expect(book.people[1]).toMatchObject({ name: "Mallory", aliases: ["Mal"] });
});

test("a card that ties two people together changes neither", () => {
  const before = after(addAna, addMallory);
  expect(imported(before, card("Both", { accounts: [ANA, MALLORY] }))).toEqual({ book: before, outcomes: ["several"] });
});

test("whoever is blocked stays blocked, with what a card adds to them", () => {
  const before = after(addMallory, { type: "block", block: { person: "mallory" } });
  const { book, outcomes } = imported(before, card("Mal", { accounts: [MALLORY], numbers: [[OTHER]] }));
  expect(outcomes).toEqual(["more"]);
  expect(lookup(book).numberBlocked(OTHER)).toBe(true);
  expect(book.people[0]?.name).toBe("Mallory");
});

test("a new person with a blocked number is blocked from the start", () => {
  const before = after({ type: "block", block: { number: HOME } });
  const { book } = imported(before, card("Ana", { accounts: [ANA], numbers: [[HOME]] }));
  expect(verdictFor(book, ANA)).toBe("blocked");
});

test.each<[string, Partial<Card>]>([
  ["the name alone", { name: "Dave" }],
  ["the name in another writing", { name: "  DÁVE " }],
  ["an alias as the name", { name: "Davey" }],
  ["the name among the aliases", { name: "D.", aliases: ["Dave"] }],
  ["the account under another name", { name: "X", accounts: [DAVE] }],
  ["the number under another name", { name: "X", numbers: [[MOBILE]] }],
  ["the number as what another may mean", { name: "X", numbers: [["07700900123", MOBILE]] }],
  ["the name with a new number", { name: "Dave", numbers: [[OTHER]] }],
])("whoever was deleted is not brought back by %s, but by their name and the word", (_, more) => {
  const gone = after(addDave, removeDave);
  const asked = card("X", more);
  expect(lookAt(gone, asked).outcome).toBe("deleted");
  expect(imported(gone, asked)).toEqual({ book: gone, outcomes: ["deleted"] });
  expect(imported(gone, { ...asked, another: true }).outcomes).toEqual(["deleted"]);
  expect(imported(gone, { ...asked, bringBack: true })).toMatchObject({
    outcomes: ["new"],
    book: { people: [{ grants: [] }] },
  });
  // Where nobody was deleted, the same card is simply new.
  expect(imported(EMPTY, asked).outcomes).toEqual(["new"]);
});

test("what somebody deleted had comes into nobody else's entry by a card", () => {
  const gone = after(addDave, removeDave, addMallory);
  const doctored = card("Mallory", { accounts: [MALLORY], numbers: [[MOBILE]] });
  expect(imported(gone, doctored)).toEqual({ book: gone, outcomes: ["deleted"] });
});

test("whoever is given by a card, on purpose, what somebody blocked and deleted had is blocked with all of theirs", () => {
  const gone = after(addDave, { type: "block", block: { person: "dave" } }, removeDave, addMallory);
  const ticked = card("Mallory", { accounts: [MALLORY], numbers: [[MOBILE]], bringBack: true });
  const { book, outcomes } = imported(gone, ticked);
  expect(outcomes).toEqual(["more"]);
  expect(verdictFor(book, MALLORY)).toBe("blocked");
});

test("whoever was blocked and deleted is blocked again when they are brought back", () => {
  const gone = after(addDave, { type: "block", block: { person: "dave" } }, removeDave);
  const { book } = imported(gone, card("Dave", { accounts: [account("new phone")], bringBack: true }));
  for (const from of [DAVE, account("new phone")]) expect(verdictFor(book, from)).toBe("blocked");
});

test("an import after an import changes nothing", () => {
  const cards = [card("Ana", { accounts: [ANA] }), card("Ana", { accounts: [ANA], numbers: [[HOME]] }), card("Ben")];
  const first = imported(EMPTY, ...cards);
  expect(first.outcomes).toEqual(["new", "more", "new"]);
  expect(first.book.people).toMatchObject([{ numbers: [HOME] }, { id: "ben" }]);
  expect(imported(first.book, ...cards)).toEqual({ book: first.book, outcomes: ["known", "known", "known"] });
});

test.each<[string, TickedCard, string]>([
  ["this unit's own account", card("Me", { accounts: [OWNER] }), "own account"],
  ["more than a person may have", card("Crowd", { addresses: Array.from({ length: 17 }, (_, at) => `${at}@b`) }), "16"],
  ["a name that is none", card("..."), "letter"],
])("a card with %s is refused, and costs no other", (_, bad, why) => {
  const applied = applyChange(EMPTY, { type: "import", cards: [bad, card("Ana")] });
  expect(applied).toMatchObject({ ok: true, book: { people: [{ id: "ana" }] }, cards: [{ outcome: "refused" }, {}] });
  expect(JSON.stringify(applied)).toContain(why);
});

const keys = { accounts: [ANA, DAVE, MALLORY], numbers: [HOME, MOBILE, OTHER, "+5491123456789", "+541123456789"] };
const cards: fc.Arbitrary<TickedCard> = fc.record({
  name: fc.constantFrom("Ana", "Dave", "Mallory", "Eva"),
  aliases: fc.subarray(["Davey", "Ana"]),
  accounts: fc.subarray(keys.accounts),
  numbers: fc.subarray(keys.numbers).map((some) => some.map((number) => [number])),
  addresses: fc.subarray(["a@b", "c@d"]),
  bringBack: fc.boolean(),
  another: fc.boolean(),
});
const decisions: fc.Arbitrary<BookChange> = fc.oneof(
  fc.constantFrom<BookChange>(
    addAna,
    addMallory,
    addDave,
    removeDave,
    { type: "remove-person", person: "ana", atMs: 0 },
    { type: "grant", person: "dave", grants: ["ring"] },
    { type: "block", block: { person: "dave" } },
    { type: "block", block: { account: MALLORY } },
    { type: "block", block: { number: HOME } },
    { type: "merge-people", person: "dave", into: "ana" },
  ),
  fc.array(cards, { maxLength: 3 }).map((some): BookChange => ({ type: "import", cards: some })),
);

test("whatever is imported when, nobody gains anything by it, and no block is lost", () => {
  fc.assert(
    fc.property(fc.array(decisions, { maxLength: 12 }), fc.array(cards, { maxLength: 4 }), (before, some) => {
      const book = before.reduce((so, change) => {
        const applied = applyChange(so, change);
        return applied.ok ? applied.book : so;
      }, EMPTY);
      const { book: then } = imported(book, ...some);
      for (const from of keys.accounts) {
        if (lookup(book).blocked(from)) expect(lookup(then).blocked(from)).toBe(true);
        for (const attested of [null, ...keys.numbers]) {
          const number = { readings: [attested ?? HOME], attested };
          const request = callFrom(from, { to: OWNER, number });
          if (decide(request, then, NOON).act === "admit") expect(decide(request, book, NOON).act).toBe("admit");
        }
      }
      for (const number of keys.numbers) {
        if (lookup(book).numberBlocked(number)) expect(lookup(then).numberBlocked(number)).toBe(true);
      }
    }),
    { numRuns: 2_000 },
  );
});
