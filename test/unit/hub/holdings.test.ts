import { expect, test } from "vitest";
import { Holdings } from "#hub/holdings.ts";
import type { Entry } from "#hub/queues.ts";

function entry(sender: string, bytes: number, fields: Partial<Entry> = {}): Entry {
  return { key: "", sender, to: "ben", class: "inbox", expiresMs: 1_000, bytes, ...fields };
}

test("one sender fills no more than their share of the spool, whoever it is for, until some of it is fetched", () => {
  const holdings = new Holdings({ bytes: 1_000, bytesPerSender: 100 });
  expect(holdings.add(entry("ana", 60, { to: "ben" }))).toBe(true);
  expect(holdings.add(entry("ana", 41, { to: "cem" }))).toBe(false);
  expect(holdings.add(entry("dan", 60))).toBe(true);
  holdings.remove(entry("ana", 60));
  expect(holdings.add(entry("ana", 100))).toBe(true);
});

test("a full spool still takes what is small from whoever holds little, and nothing from who filled it", () => {
  const holdings = new Holdings({ bytes: 1_280, bytesPerSender: 640 });
  for (const sender of ["mallory", "malcolm"]) expect(holdings.add(entry(sender, 640))).toBe(true);
  expect(holdings.add(entry("ana", 11))).toBe(false);
  expect(holdings.add(entry("ana", 10))).toBe(true);
  expect(holdings.add(entry("mallory", 1))).toBe(false);
});

test("a full inbox takes no room from calls", () => {
  const holdings = new Holdings({ bytes: 100, bytesPerSender: 100 });
  expect(holdings.add(entry("mallory", 100))).toBe(true);
  expect(holdings.add(entry("mallory", 1))).toBe(false);
  expect(holdings.add(entry("mallory", 100, { class: "calls" }))).toBe(true);
});
