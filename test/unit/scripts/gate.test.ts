import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readBook } from "#scripts/gate/book-file.ts";
import { readCase } from "#scripts/gate/case-file.ts";
import { BadFile } from "#scripts/gate/read-json.ts";
import { accountOf, OWNER } from "#test/house/books.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const SCRIPT = resolve(import.meta.dirname, "../../../scripts/gate.ts");
const MUM = accountOf("mum");
const BOOK = [
  "{",
  '  "region": "GB",',
  '  "timeZone": "Europe/London",',
  `  "owner": "${OWNER}",`,
  '  "people": [',
  `    { "id": "mum", "name": "Mum", "accounts": ["${MUM}"], "grants": ["ring"],`,
  '      "hours": [{ "grant": "ring", "from": "17:00", "to": "18:00" }] }',
  "  ],",
  '  "blocks": [{ "number": "07700 900123" },',
  '             { "person": "mum" }],',
  '  "quietHours": [{ "from": "22:00", "to": "07:00", "except": ["mum"] }]',
  "}",
].join("\n");
const CASE = `{"id":"c1","kind":"call","at":"2026-11-23T12:00:00Z","from":{"account":"${MUM}"}}`;

async function gate(book: string, cases: string) {
  await using folder = await makeTempFolder();
  const files = [join(folder.path, "book.json"), join(folder.path, "cases.jsonl")] as const;
  await Promise.all([writeFile(files[0], book), writeFile(files[1], cases)]);
  return await new Promise<{ code: unknown; out: string; err: string }>((done) => {
    execFile(process.execPath, [SCRIPT, ...files], (error, out, err) => done({ code: error?.code ?? 0, out, err }));
  });
}

function faultOf(read: () => unknown): BadFile {
  try {
    read();
  } catch (error) {
    if (error instanceof BadFile) return error;
    throw error;
  }
  throw new Error("that should not be accepted");
}

test("the command answers one line a case, whatever the line ends and empty lines", async () => {
  const { code, out, err } = await gate(BOOK, `${CASE}\r\n\n${CASE.replace("c1", "c2")}`);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toBe('{"id":"c1","act":"drop","because":"blocked"}\n{"id":"c2","act":"drop","because":"blocked"}\n');
});

test("a malformed case ends it with exit 2 and the line, after the answers to those before", async () => {
  const { code, out, err } = await gate(BOOK, `${CASE}\n\n${CASE.replace("kind", "kin")}\n${CASE}\n`);
  expect(code).toBe(2);
  expect(out.split("\n")).toHaveLength(2);
  expect(err).toMatch(/^gate: \S+cases\.jsonl:3: /);
});

test("a malformed book, a missing file and a wrong call end it with exit 2 and a message", async () => {
  const bad = await gate(BOOK.replace('"GB"', '"XX"'), CASE);
  expect(bad).toMatchObject({ code: 2, out: "" });
  expect(bad.err).toMatch(/^gate: \S+book\.json:2: region: /);
  const none = await new Promise((done) => execFile(process.execPath, [SCRIPT], (error) => done(error?.code)));
  const gone = await new Promise((done) =>
    execFile(process.execPath, [SCRIPT, "/no", "/no"], (error) => done(error?.code)),
  );
  expect([none, gone]).toEqual([2, 2]);
});

describe("a book is refused, with the line, for", () => {
  test.each<[string, string, string, number]>([
    ["a key that there is not", '"region"', '"regoin"', 2],
    ["no such time zone", "Europe/London", "Europe/Lundon", 3],
    ["half an account", MUM, MUM.slice(1), 6],
    ["no such grant", '"ring"],', '"rign"],', 6],
    ["no such time", "17:00", "25:00", 7],
    ["a time that is not written out", "17:00", "7:00", 7],
    ["what is no number", "07700 900123", "nobody", 9],
    ["a block of two kinds", '"number": "07700 900123"', '"number": "07700 900123", "unknown": true', 9],
    ["a block on nobody", '{ "person": "mum" }', '{ "person": "dad" }', 10],
    ["an exception for nobody", '"except": ["mum"]', '"except": ["dad"]', 11],
    ["a missing comma", '"GB",', '"GB"', 3],
  ])("%s", (_, from, to, line) => {
    expect(BOOK).toContain(from);
    expect(faultOf(() => readBook(BOOK.replace(from, to))).line).toBe(line);
  });

  test("two people of one id, and for an end that is missing", () => {
    const twice = BOOK.replace('"people": [', '"people": [{ "id": "mum", "name": "Mother" },');
    expect(faultOf(() => readBook(twice)).message).toContain("two people");
    expect(faultOf(() => readBook(BOOK.slice(0, -1))).line).toBeGreaterThan(1);
  });

  test("anything else that is no book: nothing but a book or a refusal ever comes", () => {
    fc.assert(
      fc.property(fc.nat(BOOK.length - 1), fc.string({ maxLength: 3 }), (at, text) => {
        const damaged = BOOK.slice(0, at) + text + BOOK.slice(at + 1);
        try {
          expect(readBook(damaged).region).toMatch(/^[A-Z]{2}$/);
        } catch (error) {
          expect(error).toBeInstanceOf(BadFile);
        }
      }),
    );
  });
});

describe("a case is refused for", () => {
  const book = readBook(BOOK);
  test.each([
    ["a kind that there is not", '"call"', '"fax"'],
    ["no moment", "2026-11-23T12:00:00Z", "noon"],
    ["a day that there is not", "2026-11-23T", "2026-13-23T"],
    ["a moment of nowhere", "12:00:00Z", "12:00:00"],
    ["a key that there is not", '"from"', '"form"'],
    ["a key within", '"account"', '"acount"'],
    ["a sender that is none", MUM, "mum"],
    ["a word in place of a truth", '"id"', '"fresh":"yes","id"'],
    ["no JSON", "}}", "}"],
  ])("%s", (_, from, to) => {
    expect(CASE).toContain(from);
    expect(() => readCase(CASE.replace(from, to), book)).toThrow(BadFile);
  });
});
