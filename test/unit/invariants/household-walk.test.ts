import fc from "fast-check";
import { expect, test } from "vitest";
import type { Block, Grant } from "#device/gate/book.ts";
import type { BookChange } from "#device/store/change.ts";
import { ANA, bookWith, MALLORY, STRANGER } from "#test/house/books.ts";
import { SIDE } from "#test/house/brain.ts";
import { corasBook, Household } from "#test/house/household.ts";

type Whose = "ben" | "cora";
type Move = (house: Household) => void;

const IDS = ["aa".repeat(16), "bb".repeat(16)];
const PHRASES = ["answer", "ignore", "hang up", "block that caller", "block Ana", "turn calling off", "call Ana"];

const whose = fc.constantFrom<Whose>("ben", "cora");
const callers = fc.constantFrom(ANA, MALLORY, STRANGER);
const ids = fc.constantFrom(...IDS);
const changes = fc.oneof(
  fc.record({ type: fc.constantFrom("block" as const, "unblock" as const), block: blocksOf() }),
  fc.record({
    type: fc.constantFrom("grant" as const, "revoke" as const),
    person: fc.constantFrom("ana", "mallory"),
    grants: fc.constant<Grant[]>(["ring", "message"]),
  }),
  fc.record({ type: fc.constant("calling" as const), calling: fc.constantFrom("on" as const, "off" as const) }),
);

function blocksOf(): fc.Arbitrary<Block> {
  return callers.map((account) => ({ account }));
}

/** What happens to the unit, on the line of one owner or to all of it. */
const moves: fc.Arbitrary<readonly [Whose | "unit", Move]> = fc.oneof(
  fc
    .tuple(whose, callers, ids)
    .map(([to, from, id]) => [to, (house: Household) => house.offer(to, from, { id })] as const),
  fc.tuple(whose, callers, ids).map(([to, from, id]) => [to, (house: Household) => house.end(to, from, id)] as const),
  fc.tuple(whose, callers).map(([to, from]) => [to, (house: Household) => house.leave(to, from)] as const),
  fc.tuple(whose, changes).map(([to, change]) => [to, changing(to, change)] as const),
  fc.tuple(whose, callers).map(([to, peer]) => [to, (house: Household) => house.asOwner(to).place(peer)] as const),
  fc
    .tuple(whose, fc.constantFrom("answer" as const, "hang-up" as const))
    .map(([to, order]) => [to, (house: Household) => house.asOwner(to).dispatch({ type: "owner", order })] as const),
  fc.constantFrom(...PHRASES).map((text) => ["unit", (house: Household) => house.ben.command(text)] as const),
  fc.constant(["unit", (house: Household) => house.ben.press()] as const),
  ids.map((leg) => ["unit", (house: Household) => house.ben.hear({ type: "leg-answer", leg, ...SIDE })] as const),
  ids.map((leg) => ["unit", (house: Household) => house.ben.hear({ type: "leg-connected", leg })] as const),
);

function changing(to: Whose, change: BookChange): Move {
  return (house) => house.asOwner(to).change(change, "cli", []);
}

/** All that one owner has for themselves, but for the list of calls. */
function keptBy(house: Household, whom: Whose): string {
  const { journal, inbox } = brainOf(house, whom);
  return JSON.stringify([house.bookOf(whom), journal, inbox.list]);
}

function brainOf({ ben, cora }: Household, whom: Whose) {
  return whom === "ben" ? ben : cora;
}

function isCallOf(house: Household, whom: Whose): boolean {
  const { call, lineOf } = house.ben.daemon.state;
  return call.at !== "idle" && lineOf === (whom === "ben" ? 0 : 1);
}

test("what comes on one owner's line, or by their socket, changes nothing that the other one has; a ring that the house ends is listed", () => {
  let ended = 0;
  fc.assert(
    fc.property(whose, whose, fc.array(moves, { maxLength: 25 }), (first, blocks, rest) => {
      const house = new Household(bookWith(), corasBook());
      house.offer(first, ANA);
      const walk = [[blocks, changing(blocks, { type: "block", block: { account: ANA } })] as const, ...rest];
      for (const [who, move] of walk) {
        const other = who === "ben" ? "cora" : "ben";
        const before = keptBy(house, other);
        const hadCall = isCallOf(house, other);
        const { listed } = brainOf(house, other);
        const { length } = listed;
        move(house);
        if (who === "unit") continue;
        expect(keptBy(house, other)).toBe(before);
        const isEnded = hadCall && !isCallOf(house, other);
        expect(listed.slice(length)).toEqual(isEnded ? listed.slice(length, length + 1) : []);
        ended += isEnded ? 1 : 0;
      }
    }),
    { numRuns: 250 },
  );
  expect(ended).toBeGreaterThan(50);
}, 30_000);

test("nothing that the gate would not stand behind is even asked for, whatever happens to whom", () => {
  let rings = 0;
  fc.assert(
    fc.property(fc.array(moves, { maxLength: 25 }), (walk) => {
      const house = new Household(bookWith(), corasBook());
      for (const [, move] of walk) move(house);
      rings += house.ben.timeline.filter(({ event }) => event === "ring").length;
      expect(house.ben.timeline.filter(({ event }) => event === "refused")).toEqual([]);
      const { dialog, others } = house.ben.daemon.state;
      const open = [dialog, ...others.map((other) => other.dialog)].filter(({ question, undo }) => question || undo);
      expect(open.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 1_000 },
  );
  expect(rings).toBeGreaterThan(15);
}, 30_000);

test("a book that blocks and sleeps makes nobody else's caller heard who was not, and drops nothing", () => {
  fc.assert(
    fc.property(callers, whose, fc.array(changes, { maxLength: 6 }), (from, to, decided) => {
      const alone = new Household(bookWith(), corasBook());
      const together = new Household(bookWith(), corasBook());
      const other = to === "ben" ? "cora" : "ben";
      for (const change of decided) changing(other, change)(together);
      for (const house of [alone, together]) house.offer(to, from);
      const [before, after] = [alone, together].map((house) => (to === "ben" ? house.ben : house.cora).journal.at(-1));
      if (after?.because === "house") expect([before?.act, after.act]).toEqual(["admit", "take-message"]);
      else expect(after).toEqual(before);
      if (alone.at === "idle") expect(together.at).toBe("idle");
    }),
    { numRuns: 300 },
  );
}, 30_000);
