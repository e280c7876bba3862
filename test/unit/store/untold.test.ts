import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { openUntold } from "#device/store/untold.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

test("what an owner was not told of yet is there after a restart, and gone once they were", async () => {
  await using folder = await makeTempFolder();
  expect(openUntold(folder.path, noLog).loosened).toBe(0);
  openUntold(folder.path, noLog).keep(3);
  expect(openUntold(folder.path, noLog).loosened).toBe(3);
  openUntold(folder.path, noLog).keep(0);
  expect(openUntold(folder.path, noLog).loosened).toBe(0);
});

test.each(["", "{", '{"loosened":-1}', '{"loosened":1e99}', '{"loosened":0,"more":1}', "null"])(
  "a file that says %j hides nothing: one thing is told",
  async (text) => {
    await using folder = await makeTempFolder();
    await writeFile(join(folder.path, "untold.json"), text);
    expect(openUntold(folder.path, noLog).loosened).toBe(1);
  },
);

test("a disk that refuses it does not end the unit", async () => {
  await using folder = await makeTempFolder();
  openUntold(join(folder.path, "gone"), noLog).keep(1);
  openUntold(folder.path, noLog).keep(2);
  expect(await readFile(join(folder.path, "untold.json"), "utf8")).toBe('{"loosened":2}');
});
