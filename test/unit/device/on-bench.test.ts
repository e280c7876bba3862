import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { settleBench } from "#device/on-bench.ts";
import { askForReset } from "#device/smp/factory-reset.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

async function makeData() {
  const folder = await makeTempFolder();
  const data = join(folder.path, "data");
  mkdirSync(data);
  const fill = () => {
    writeFileSync(join(data, "keys"), "secret");
    writeFileSync(join(data, "book.db"), "book");
  };
  fill();
  return {
    data,
    fill,
    has: () => readdirSync(data).toSorted(),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test("a rig gets a unit without its owner's keys and book, and an owner one without the rig's", async () => {
  await using unit = await makeData();
  expect(settleBench(unit.data, true)).toBe(true);
  expect(unit.has()).toEqual(["bench"]);
  unit.fill();
  expect(settleBench(unit.data, false)).toBe(true);
  expect(unit.has()).toEqual([]);
});

test("as long as the jumper stays as it is, a unit keeps what it has from start to start", async () => {
  await using unit = await makeData();
  expect(settleBench(unit.data, false)).toBe(false);
  expect(unit.has()).toEqual(["book.db", "keys"]);
  settleBench(unit.data, true);
  unit.fill();
  expect(settleBench(unit.data, true)).toBe(false);
  expect(unit.has()).toEqual(["bench", "book.db", "keys"]);
});

test("a unit that loses its power while it begins anew has no mark of a rig's yet, and begins anew again", async () => {
  await using unit = await makeData();
  askForReset(unit.data);
  expect(settleBench(unit.data, true)).toBe(true);
  expect(unit.has()).toEqual(["bench"]);
});

test("a unit that never ran has nothing to lose", async () => {
  await using folder = await makeTempFolder();
  const data = join(folder.path, "new");
  expect(settleBench(data, false)).toBe(false);
  expect(settleBench(data, true)).toBe(true);
  expect(readdirSync(data)).toEqual(["bench"]);
});
