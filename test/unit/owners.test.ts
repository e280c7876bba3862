import { chmod, cp, mkdir, readdir, rm, stat, symlink, truncate } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock as clock } from "#base/clock.ts";
import { noLog as log } from "#base/log.ts";
import { type OpenedOwner, openOwners } from "#device/owners.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const NAMES = ["ana", "cora"];

/** Ben's unit, with Ana and Cora, in a folder of its own. */
async function makeHouse() {
  const folder = await makeTempFolder();
  const data = join(folder.path, "data");
  const folderOf = (name: string) => join(data, "household", name);
  const open = async (names: readonly string[] = NAMES) => {
    const places = [{ name: "ben", folder: data }, ...names.map((name) => ({ name, folder: folderOf(name) }))];
    const owners = await openOwners(places, { region: "GB", clock, log });
    for (const { close } of owners) close();
    return owners;
  };
  return { data, folderOf, open, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

function faults(owners: readonly OpenedOwner[]): (string | null)[] {
  return owners.map(({ fault }) => fault);
}

test("each owner has an account, a unit key and a book in a folder that nobody else may open; the first owner's stays where it was", async () => {
  await using house = await makeHouse();
  const owners = await house.open();
  expect(faults(owners)).toEqual([null, null, null]);
  expect(new Set(owners.map(({ keystore }) => keystore?.account)).size).toBe(3);
  expect(new Set(owners.map(({ keystore }) => keystore?.unit)).size).toBe(3);
  expect(owners.map(({ stores }) => stores?.book.book.owner)).toEqual(owners.map(({ keystore }) => keystore?.account));
  expect(await readdir(house.data)).toEqual(expect.arrayContaining(["keys", "household"]));
  for (const folder of [house.data, join(house.data, "household"), ...NAMES.map(house.folderOf)]) {
    expect((await stat(folder)).mode & 0o777, folder).toBe(0o700);
  }
  const alone = await house.open([]);
  expect(alone[0]?.keystore?.account).toBe(owners[0]?.keystore?.account);
});

test("an owner who is taken out of the config is found as they were when they are back", async () => {
  await using house = await makeHouse();
  const [, , before] = await house.open();
  await house.open(["ana"]);
  const [, , after] = await house.open();
  expect(after?.keystore?.account).toBe(before?.keystore?.account);
});

test("what is wrong with one owner's keys or book is that owner's alone, the first one's, too", async () => {
  await using house = await makeHouse();
  await house.open();
  await truncate(join(house.folderOf("ana"), "keys"), 10);
  expect(faults(await house.open())).toEqual([null, expect.stringContaining("damaged"), null]);
  await rm(house.folderOf("ana"), { recursive: true });
  await truncate(join(house.data, "keys"), 10);
  expect(faults(await house.open())).toEqual([expect.stringContaining("damaged"), null, null]);
});

test.each(["cora", "ben"])("a folder that is a copy of another owner's answers for nobody (%s)", async (of) => {
  await using house = await makeHouse();
  await house.open(["cora"]);
  const from = of === "ben" ? house.data : house.folderOf("cora");
  const to = house.folderOf("zoe");
  await mkdir(to, { mode: 0o700 });
  for (const name of await readdir(from)) {
    if (name !== "household") await cp(join(from, name), join(to, name));
  }
  await chmod(join(to, "keys"), 0o600);
  const owners = await house.open(["cora", "zoe"]);
  expect(faults(owners)).toEqual([null, null, expect.stringContaining("keys of another owner")]);
  expect(owners[2]).toMatchObject({ stores: null, keystore: null });
});

test("a folder in which others could put what they like is no owner's", async () => {
  await using house = await makeHouse();
  await house.open();
  const household = join(house.data, "household");
  await chmod(household, 0o777);
  expect(faults(await house.open())).toEqual([null, ...NAMES.map(() => expect.stringContaining("mode 777"))]);
  await chmod(household, 0o700);
  await chmod(house.data, 0o755);
  expect(faults(await house.open())).toEqual(Array.from({ length: 3 }, () => expect.stringContaining("mode 755")));
  await chmod(house.data, 0o700);
  await rm(house.folderOf("ana"), { recursive: true });
  await symlink(house.folderOf("cora"), house.folderOf("ana"));
  expect(faults(await house.open())).toEqual([null, expect.stringContaining("symbolic link"), null]);
});
