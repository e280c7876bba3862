import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { badBundles } from "#test/house/bad-bundles.ts";
import { makeBundle, ROOT } from "#test/house/bundle.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";
import { COUNTER, openWaitingUnit, saidBy, sendUnseen } from "#test/house/waiting-unit.ts";

const INSTALLER = resolve(import.meta.dirname, "../../install/main.ts");

function flash(file: string, port: string): Promise<{ code: unknown; said: string }> {
  const line = [INSTALLER, "flash", file, "--root", ROOT, "--port", port, "--json"];
  return new Promise((done) => {
    execFile(process.execPath, line, (error, stdout) => done({ code: error?.code ?? 0, said: stdout }));
  });
}

test("the first, middle and last bit of every section, and every cut: refused by porter-install itself, and by the unit", async () => {
  await using folder = await makeTempFolder();
  await using unit = await openWaitingUnit(folder.path);
  const genuine = await makeBundle({ about: { counter: COUNTER + 1, version: "1.1.0" } });
  const before = unit.slots.state();
  const cases = await badBundles(genuine, COUNTER, true);
  const file = join(folder.path, "bad.porter");
  for (const { what, bytes, reason, sent } of cases) {
    await writeFile(file, bytes);
    const { code, said } = await flash(file, unit.desk);
    expect({ what, code, said }).toEqual({ what, code: 4, said: expect.stringContaining(`"failure":"${reason}: `) });
    if (bytes.length === 0) continue;
    const unseen = await saidBy(sendUnseen(bytes, unit.desk));
    expect({ what, ...unseen }).toEqual({ what, exitCode: 4, words: expect.stringContaining(`${sent}: `) });
  }
  expect(unit.slots.state()).toEqual(before);
  process.stdout.write(`bad bundles, each refused twice: ${cases.length}\n`);
});
