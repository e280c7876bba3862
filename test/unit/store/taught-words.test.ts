import { chmod, mkdir, readFile, rename, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { forgetTaught, keepTaught, readTaught, taughtWords } from "#device/store/taught-words.ts";
import { taughtWord } from "#test/house/taught-word.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const MARMALADE = taughtWord("marmalade");

async function makeData() {
  const folder = await makeTempFolder();
  keepTaught(folder.path, MARMALADE);
  const path = join(folder.path, "wake/marmalade.json");
  const text = await readFile(path, "utf8");
  const fault = () => {
    const read = readTaught(folder.path, "marmalade");
    return read.ok ? null : read.fault;
  };
  return { data: folder.path, path, text, fault, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

test("what was taught is read as it was kept, and is its owner's alone", async () => {
  await using unit = await makeData();
  expect(readTaught(unit.data, "marmalade")).toEqual({ ok: true, taught: { version: 1, ...MARMALADE } });
  expect((await stat(unit.path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(unit.data, "wake"))).mode & 0o777).toBe(0o700);
  keepTaught(unit.data, { ...taughtWord("hello porter"), recordings: 8 });
  expect(taughtWords(unit.data)).toEqual(["hello porter", "marmalade"]);
  expect(readTaught(unit.data, "hello porter")).toMatchObject({ ok: true, taught: { recordings: 8 } });
});

test("a word that is forgotten is gone, and only once", async () => {
  await using unit = await makeData();
  expect(forgetTaught(unit.data, "marmalade")).toBe(true);
  expect(forgetTaught(unit.data, "marmalade")).toBe(false);
  expect(taughtWords(unit.data)).toEqual([]);
  expect(unit.fault()).toMatch(/was not taught.*porter wake teach "marmalade"/);
});

test.each<[string, (text: string) => string, RegExp]>([
  ["nothing", () => "", /damaged/],
  ["half of it", (text) => text.slice(0, text.length / 2), /damaged/],
  ["something else", () => '"marmalade"', /damaged/],
  ["a key more", (text) => text.replace("{", '{"run":"me",'), /damaged.*run/],
  ["another version", (text) => text.replace('"version":1', '"version":2'), /damaged/],
  ["another word", (text) => text.replace("marmalade", "velocity"), /of another word/],
  [
    "one bit of what was learned",
    (text) => text.replace(/("head":".{40})(.)/, (_, a, b) => a + (b === "A" ? "B" : "A")),
    /damaged/,
  ],
  ["a file that is no head", (text) => text.replace(/"head":"[^"]*"/, '"head":"AAAAAAAAAAAAAAAAAAAA"'), /damaged/],
  ["too much", (text) => `${text}${" ".repeat(70_000)}`, /too large/],
])("a file that holds %s is not used, and says what to do", async (_, change, why) => {
  await using unit = await makeData();
  await writeFile(unit.path, change(unit.text));
  expect(unit.fault()).toMatch(why);
  expect(unit.fault()).toContain('porter wake teach "marmalade"');
  // It can be taught anew, and forgotten.
  keepTaught(unit.data, MARMALADE);
  expect(unit.fault()).toBeNull();
});

test("a file that others could have changed, a link and a folder are not used", async () => {
  await using unit = await makeData();
  await chmod(unit.path, 0o660);
  expect(unit.fault()).toMatch(/could be read or changed by others/);
  await chmod(unit.path, 0o600);
  expect(unit.fault()).toBeNull();
  const elsewhere = join(unit.data, "elsewhere.json");
  await rename(unit.path, elsewhere);
  await symlink(elsewhere, unit.path);
  expect(unit.fault()).not.toBeNull();
  forgetTaught(unit.data, "marmalade");
  await mkdir(unit.path);
  expect(unit.fault()).toMatch(/no file/);
});

test("no name leads out of the folder", async () => {
  await using unit = await makeData();
  for (const word of ["../marmalade", "marmalade.json", "/etc/passwd", "", "computer", "Marmalade", "marm\u0000lade"]) {
    expect(() => keepTaught(unit.data, { ...MARMALADE, word }), word).toThrow();
    expect(() => forgetTaught(unit.data, word), word).toThrow();
    expect(() => readTaught(unit.data, word), word).toThrow();
  }
  await writeFile(join(unit.data, "wake/..json"), "{}");
  await writeFile(join(unit.data, "wake/Computer.json"), "{}");
  expect(taughtWords(unit.data)).toEqual(["marmalade"]);
});
