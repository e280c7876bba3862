import { expect, test } from "vitest";
import type { BookChange } from "#device/store/change.ts";
import { lineOfChange } from "#device/store/journal-change.ts";
import type { JournalEntry } from "#device/store/journal-line.ts";
import { whyItDidNotRing } from "#device/store/why.ts";
import { account } from "./fixtures.ts";

function verdict(fields: Partial<JournalEntry>): JournalEntry {
  const line = { id: 1, atMs: 5, lastMs: 5, count: 1, what: "verdict", by: "gate", chain: "closed" } as const;
  return { ...line, detail: "call.offer", account: account("ana"), ...fields };
}

test.each<[string, Partial<JournalEntry>, string, string]>([
  ["the calling switch", { act: "drop", because: "calling-off" }, "calling was off", ""],
  ["a block", { act: "drop", because: "blocked" }, "the caller is blocked", ""],
  ["nobody known", { act: "hold", because: "unknown" }, "the caller is not in the book", "it waits in Requests"],
  ["no grant", { act: "drop", because: "not-granted" }, "the caller is in the book, but may not ring", ""],
  [
    "quiet hours",
    { act: "take-message", because: "quiet-hours" },
    "it was in the quiet hours",
    "it is among the missed calls",
  ],
  [
    "another call",
    { act: "admit", because: "granted", outcome: "busy" },
    "there was another call",
    "it is among the missed calls",
  ],
  ["a reason of a later version", { act: "drop", because: "toString" }, "toString", ""],
])("why it did not ring is told in plain words: %s", (_, fields, because, became) => {
  expect(whyItDidNotRing([verdict(fields)])).toEqual([
    { atMs: 5, lastMs: 5, count: 1, account: account("ana"), because, became },
  ]);
});

test("what rang, what was no call, and what the owner did is not asked about", () => {
  const entries = [
    verdict({ act: "admit", because: "granted", outcome: "rang" }),
    verdict({ act: "drop", because: "blocked", detail: "call.end" }),
    verdict({ what: "change", detail: "calling off" }),
  ];
  expect(whyItDidNotRing(entries)).toEqual([]);
});

test("a change of the book is told with what it was and whom it was about, and a removal without", () => {
  const ana = account("ana");
  const person = {
    id: "ana",
    name: "Ana",
    aliases: [],
    accounts: [ana],
    grants: [],
    numbers: [],
    addresses: [],
    hours: [],
  };
  const line = (change: BookChange, about?: typeof person) => lineOfChange(change, "voice", about);
  const told = { what: "change", by: "voice" };
  expect(line({ type: "grant", person: "ana", grants: ["ring", "message"] }, person)).toEqual({
    ...told,
    detail: "grant ana ring message",
    account: ana,
    person: "ana",
  });
  expect(line({ type: "block", block: { unknown: true } })).toEqual({ ...told, detail: "block unknown" });
  expect(line({ type: "block", block: { account: ana } })).toEqual({ ...told, detail: `block ${ana}`, account: ana });
  expect(line({ type: "calling", calling: "off" })).toEqual({ ...told, detail: "calling off" });
  expect(line({ type: "remove-person", person: "ana", atMs: 0 }, person)).toEqual({ ...told, detail: "remove-person" });
});
