import { expect, test } from "vitest";
import { encodeState, firstState } from "#device/update/boot-state.ts";
import { contentOf } from "#scripts/rig/power/deeds.ts";
import { Ledger } from "#scripts/rig/power/ledger.ts";
import type { Deed, Found, FoundFirmware, Left } from "#scripts/rig/power/messages.ts";
import { ANA, MALLORY, OWNER } from "#test/house/books.ts";

const CONTENT = { version: "1.0.0", counter: 1 };
const FIRMWARE: FoundFirmware = {
  slot: "a",
  state: Buffer.from(encodeState(firstState("a", CONTENT))).toString(),
  link: "slots/a",
  wrong: { a: [], b: null },
};
const FOUND: Found = {
  account: OWNER,
  fault: null,
  warnings: [],
  book: JSON.stringify({ people: [], blocks: [], calling: "on", deleted: 0 }),
  journalHolds: true,
  keys: true,
  inbox: [],
  outbox: [],
  unseen: [],
  unspent: [],
  verdicts: [],
};
const BLOCKED = JSON.stringify({ people: [], blocks: [{ account: MALLORY }], calling: "on", deleted: 0 });
const BLOCK: Deed = { do: "change", change: { type: "block", block: { account: MALLORY } } };

function left(fields: Partial<Left> = {}): Left {
  const known = { id: "00".repeat(16), sender: 0, from: ANA, atMs: 0, key: "k", oneTime: false };
  return { ...known, text: "hello", sound: null, parts: 1, ...fields };
}

function arrival(message: Left, part = 0): Deed {
  return { do: "arrive", message, part };
}

function entryOf(message: Left): Found["inbox"][number] {
  return { from: message.from, id: message.id, content: contentOf(message) };
}

/** A unit that was started once. */
function started(): Ledger {
  const ledger = new Ledger();
  expect(ledger.judge(FOUND, FIRMWARE)).toEqual([]);
  return ledger;
}

let numbers = 0;
function promised(ledger: Ledger, ...deeds: readonly Deed[]): Ledger {
  for (const deed of deeds) {
    numbers += 1;
    ledger.begin(numbers, deed);
    ledger.done(numbers);
  }
  return ledger;
}

function under(ledger: Ledger, deed: Deed): Ledger {
  numbers += 1;
  ledger.begin(numbers, deed);
  return ledger;
}

function lostIn(ledger: Ledger, found: Partial<Found>, firmware: Partial<FoundFirmware> = {}): readonly string[] {
  return ledger.judge({ ...FOUND, ...found }, { ...FIRMWARE, ...firmware }).map(({ what }) => what);
}

test("a change that was confirmed and is not there is lost; one that was under way may be there or not", () => {
  expect(lostIn(promised(started(), BLOCK), { book: BLOCKED })).toEqual([]);
  expect(lostIn(promised(started(), BLOCK), {})).toEqual(["book"]);
  expect(lostIn(under(started(), BLOCK), { book: BLOCKED })).toEqual([]);
  expect(lostIn(under(started(), BLOCK), {})).toEqual([]);
});

test("what was under way and is there is promised from then on", () => {
  const ledger = under(started(), BLOCK);
  expect(lostIn(ledger, { book: BLOCKED })).toEqual([]);
  expect(lostIn(ledger, {})).toEqual(["book"]);
});

test("a message that was settled is lost where it is gone, is another, or comes back after it was deleted", () => {
  const message = left();
  const remove: Deed = { do: "remove", from: message.from, id: message.id };
  expect(lostIn(promised(started(), arrival(message)), { inbox: [entryOf(message)] })).toEqual([]);
  expect(lostIn(promised(started(), arrival(message)), {})).toEqual(["message"]);
  const other = { ...entryOf(message), content: "good-bye" };
  expect(lostIn(promised(started(), arrival(message)), { inbox: [other] })).toEqual(["message"]);
  expect(lostIn(promised(started(), arrival(message), remove), { inbox: [entryOf(message)] })).toEqual(["message"]);
  expect(lostIn(under(promised(started(), arrival(message)), remove), {})).toEqual([]);
  expect(lostIn(started(), { inbox: [entryOf(message)] })).toEqual(["message"]);
});

test("the whole unit must have as many people and blocks as were promised", () => {
  const whole = (blocks: number, fault: string | null = null) =>
    ({ say: "unit", people: 0, blocks, fault, firmware: FIRMWARE }) as const;
  const losses = (ledger: Ledger, ...said: Parameters<typeof whole>) =>
    ledger.judgeWhole(whole(...said)).map(({ what }) => what);
  expect(losses(promised(started(), BLOCK), 1)).toEqual([]);
  expect(losses(promised(started(), BLOCK), 0)).toEqual(["book"]);
  expect(losses(under(started(), BLOCK), 1)).toEqual([]);
  expect(losses(started(), 0, "the book is damaged")).toEqual(["start"]);
  expect(losses(new Ledger(), 0)).toEqual([]);
});

test("of a unit that lets nobody in the rows are counted that its database lost", () => {
  const ledger = promised(started(), arrival(left()), { do: "leave", text: "hello" });
  expect(lostIn(ledger, { fault: "the database was rolled back", keys: false })).toEqual([
    "start",
    "message",
    "outbox",
  ]);
});

test("a message under way may be there, and nothing else may", () => {
  expect(lostIn(under(started(), arrival(left())), { inbox: [entryOf(left())] })).toEqual([]);
  expect(lostIn(under(started(), arrival(left())), {})).toEqual([]);
});

test("parts that were settled are remembered until the message is whole", () => {
  const voice = left({ text: null, sound: 7, parts: 2 });
  const ledger = promised(started(), arrival(voice));
  expect(lostIn(ledger, {})).toEqual([]);
  expect(ledger.plan().unfinished).toEqual([{ message: voice, have: [0] }]);
  expect(lostIn(promised(ledger, arrival(voice, 1)), {})).toEqual(["message"]);
});

test("what a blocked account sends must not be there, and whoever is blocked must be dropped", () => {
  const message = left({ from: MALLORY });
  const ledger = promised(started(), BLOCK, arrival(message));
  ledger.asked = ledger.callers();
  expect(ledger.asked).toEqual([MALLORY]);
  const well = { book: BLOCKED, verdicts: ["drop blocked"] };
  expect(lostIn(ledger, well)).toEqual([]);
  expect(lostIn(ledger, { ...well, inbox: [entryOf(message)] })).toEqual(["gate"]);
  expect(lostIn(ledger, { ...well, verdicts: ["hold unknown"] })).toEqual(["gate"]);
});

test("what came whole before its sender was blocked stays, though its end was not told and a part of it comes again", () => {
  const message = left({ from: MALLORY, text: null, sound: 7, parts: 2 });
  const ledger = promised(started(), arrival(message, 0));
  expect(lostIn(ledger, { inbox: [entryOf(message)] })).toEqual([]);
  promised(ledger, BLOCK, arrival(message, 1));
  expect(lostIn(ledger, { inbox: [entryOf(message)], book: BLOCKED })).not.toContain("gate");
});

test("of what a blocked account had begun to leave before, the rest must not come", () => {
  const message = left({ from: MALLORY, text: null, sound: 7, parts: 2 });
  const ledger = promised(started(), arrival(message, 0));
  expect(lostIn(ledger, {})).toEqual([]);
  promised(ledger, BLOCK, arrival(message, 1));
  expect(lostIn(ledger, { inbox: [entryOf(message)], book: BLOCKED })).toContain("gate");
});

test("whoever was granted the ring still rings, and nobody else does", () => {
  const add = { type: "add-person", name: "Ana", accounts: [ANA], grants: ["ring"] } as const;
  const person = { name: "Ana", accounts: [ANA], numbers: [], grants: ["ring"] };
  const book = JSON.stringify({ people: [person], blocks: [], calling: "on", deleted: 0 });
  const ledger = promised(started(), { do: "change", change: { ...add, accounts: [ANA], grants: ["ring"] } });
  ledger.asked = ledger.callers();
  expect(lostIn(ledger, { book, verdicts: ["admit granted"] })).toEqual([]);
  expect(lostIn(ledger, { book, verdicts: ["hold unknown"] })).toEqual(["gate"]);
});

test("a message in the outbox is lost where it is gone, or back after it was withdrawn", () => {
  const leave: Deed = { do: "leave", text: "hello" };
  const withdraw: Deed = { do: "withdraw", text: "hello" };
  expect(lostIn(promised(started(), leave), { outbox: ["hello"] })).toEqual([]);
  expect(lostIn(promised(started(), leave), {})).toEqual(["outbox"]);
  expect(lostIn(promised(started(), leave, withdraw), { outbox: ["hello"] })).toEqual(["outbox"]);
  expect(lostIn(under(started(), leave), { outbox: ["hello"] })).toEqual([]);
});

test.each<[string, Partial<Found>, string]>([
  ["lets nobody in", { fault: "the database is unreadable" }, "start"],
  ["uses its copy", { warnings: ["the database was damaged"] }, "start"],
  ["has another account", { account: ANA }, "start"],
  ["has a journal that does not hold", { journalHolds: false }, "start"],
  ["lost its day keys", { keys: false }, "key"],
  ["takes a message twice", { unseen: ["a 1"] }, "replay"],
  ["kept a secret that was spent", { unspent: ["k"] }, "key"],
])("a unit that %s is seen", (_, found, what) => {
  expect(lostIn(started(), found)).toEqual([what]);
});
