import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { readBookFile } from "#scripts/gate/book-file.ts";
import { type Answer, judgeFile } from "#scripts/gate/judge.ts";

const CASES = resolve(import.meta.dirname, "../../gate-cases");
const folders = readdirSync(CASES, { withFileTypes: true }).filter((each) => each.isDirectory());

/** Every code of the design's table that a case can meet. */
const ROWS = [
  "drop calling-off",
  "drop unverified",
  "drop misaddressed",
  "drop replayed",
  "drop blocked",
  "drop withheld",
  "drop blocked-member",
  "drop unknown",
  "drop kids",
  "hold unknown",
  "hold not-granted",
  "drop not-granted",
  "take-message own-hours",
  "take-message quiet-hours",
  "drop quiet-hours",
  "take-message clock",
  "drop clock",
  "take-message stale",
  "drop stale",
  "admit stale",
  "admit granted",
];

type Expected = Answer & Readonly<{ why: string }>;

async function expectedOf(folder: string): Promise<Expected[]> {
  const text = await readFile(join(CASES, folder, "expected.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Expected);
}

describe("the gate answers, by the code of the command,", () => {
  test.each(folders.map(({ name }) => name))("as the cases of %s expect", async (folder) => {
    const book = await readBookFile(join(CASES, folder, "book.json"));
    const expected = await expectedOf(folder);
    const answers: Answer[] = [];
    for await (const answer of judgeFile(book, join(CASES, folder, "cases.jsonl"))) answers.push(answer);
    expect(answers.length).toBe(expected.length);
    for (const [index, { why, ...answer }] of expected.entries()) expect(answers[index], why).toEqual(answer);
  });

  test("in at least 200 cases, each with a reason, which between them meet every row of the table", async () => {
    const all = (await Promise.all(folders.map(({ name }) => expectedOf(name)))).flat();
    expect(all.length).toBeGreaterThanOrEqual(200);
    expect(all.every(({ why }) => why.length > 1)).toBe(true);
    const met = new Set(all.map(({ act, because }) => `${act} ${because}`));
    expect([...met].toSorted()).toEqual(ROWS.toSorted());
  });
});
