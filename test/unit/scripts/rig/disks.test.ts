import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dataDisk, keepCode } from "#scripts/rig/guest/disks.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

test("code that guests compiled goes onto a machine's disk and comes back from it, unless some of it was lost there", async () => {
  await using folder = await makeTempFolder();
  const [code, disk] = [join(folder.path, "code"), join(folder.path, "data.img")];
  const file = join(code, "brain", "a");
  await mkdir(join(code, "brain"), { recursive: true });
  await writeFile(file, "compiled");
  await dataDisk(disk, code, 16);
  await writeFile(file, "older");
  await keepCode(disk, code);
  expect(await readFile(file, "utf8")).toBe("compiled");
  await writeFile(file, "newer");
  await writeFile(join(code, "brain", "b"), "one more");
  await keepCode(disk, code);
  expect(await readFile(file, "utf8")).toBe("newer");
  await rm(code, { recursive: true });
  await keepCode(disk, code);
  expect(await readFile(file, "utf8")).toBe("compiled");
});
