import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const RIG = new URL("../../scripts/rig.ts", import.meta.url).pathname;
const BLOCKED = `
name: A blocked caller leaves the unit dark and silent
neighbours: { Mallory: [ring] }
steps:
  - ask: { do: block, who: Mallory }
  - call: Mallory
  - nothing: happens
    for: 3 s
  - envelope: { act: drop, because: blocked }
`;
/** What must not pass: she is not blocked. */
const CONTROL = BLOCKED.replace("do: block,", "do: person-grant, grants: [ring],");

async function play(text: string): Promise<{ code: number; said: string; junit: string; page: string }> {
  await using folder = await makeTempFolder();
  const file = join(folder.path, "a.yaml");
  await writeFile(file, text);
  const run = promisify(execFile)(process.execPath, [RIG, file, "--out", folder.path]);
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  const read = (name: string) => readFile(join(folder.path, "sim", name), "utf8");
  const [junit, page] = await Promise.all([read("junit.xml"), read("a.html")]);
  return { code: run.child.exitCode ?? -1, said: stdout, junit, page };
}

test("a scenario passes on real processes, and fails, with its line, where the unit does what it must not", async () => {
  const blocked = await play(BLOCKED);
  expect(blocked.said).toContain("1 of 1 passed on sim");
  expect(blocked.code).toBe(0);
  expect(blocked.junit).toContain('tests="1" failures="0"');
  const control = await play(CONTROL);
  expect(control.code).toBe(1);
  expect(control.junit).toMatch(/failure message="a\.yaml:7: nothing: happens for: 3 s: the lights changed: ringing/);
  expect(control.page).toContain("light-ringing");
});
