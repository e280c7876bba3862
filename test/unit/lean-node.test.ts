import { chmod, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { leanNode } from "#device/lean-node.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

test("compiled code is kept in the unit's own folder, the brain's apart from the ears'", async () => {
  await using folder = await makeTempFolder();
  expect(leanNode("brain", folder.path).env).toEqual({ NODE_COMPILE_CACHE: join(folder.path, "code", "brain") });
  expect(leanNode("audio", folder.path).env).toEqual({ NODE_COMPILE_CACHE: join(folder.path, "code", "audio") });
});

test("nothing is kept before the unit has made its folder: it must be its own", async () => {
  await using folder = await makeTempFolder();
  expect(leanNode("brain", join(folder.path, "not-yet")).env).toEqual({});
});

test("no compiled code is run out of a folder that others can write to, or that is a link to one", async () => {
  await using folder = await makeTempFolder();
  const link = join(folder.path, "link");
  await symlink(folder.path, link);
  expect(leanNode("brain", link).env).toEqual({});
  for (const mode of [0o755, 0o770, 0o777]) {
    await chmod(folder.path, mode);
    expect(leanNode("brain", folder.path).env).toEqual({});
  }
});
