import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBundle } from "#install/bundle.ts";
import { EXIT } from "#install/exit.ts";
import { flash } from "#install/flash.ts";
import { UnitOnLine } from "#install/unit.ts";
import { badBundles } from "#test/house/bad-bundles.ts";
import { forgeBundle, makeBundle, ROOT } from "#test/house/bundle.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";
import {
  BAUD,
  COUNTER,
  openWaitingUnit,
  type Said,
  saidBy,
  sendUnseen,
  type WaitingUnit,
} from "#test/house/waiting-unit.ts";

const CHECKOUT = resolve(import.meta.dirname, "../..");
const quiet = { step: () => undefined, progress: () => undefined };

let folder: Awaited<ReturnType<typeof makeTempFolder>>;
let unit: WaitingUnit;

beforeAll(async () => {
  folder = await makeTempFolder();
  unit = await openWaitingUnit(folder.path);
});

afterAll(async () => {
  await unit?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

test("a unit says the version of the bundle that it runs from", async () => {
  await using line = await UnitOnLine.open(unit.desk, BAUD);
  expect(await line.status()).toMatchObject({ version: "1.0.0", board: "sim" });
});

/** All that `porter-install flash` does with a file. */
async function flashFile(file: string, port: string): Promise<void> {
  await using bundle = await openBundle(file, { root: ROOT, development: false });
  await flash({ port, baudRate: BAUD, bundle, patienceMs: 5_000, startMs: 10_000, teller: quiet });
}

/** The code, what is wrong, and what to do about it. */
function refusedAs(reason: string): Said {
  return { exitCode: EXIT.bundle, words: expect.stringMatching(new RegExp(`^${reason}: .+: .+`)) as string };
}

test("every bad bundle is refused with its reason: by porter-install, and by the unit where a tool sends it unseen", async () => {
  const genuine = await makeBundle({ about: { counter: COUNTER + 1, version: "1.1.0" } });
  const before = unit.slots.state();
  const told: [string, Said][] = [];
  const wanted: [string, Said][] = [];
  for (const { what, bytes, reason, sent, by } of await badBundles(genuine, COUNTER)) {
    const file = join(folder.path, "bad.porter");
    await writeFile(file, bytes);
    // What the tool refuses by itself does not even open the line.
    told.push([what, await saidBy(flashFile(file, by === "tool" ? "/dev/no-line" : unit.desk))]);
    wanted.push([what, refusedAs(reason)]);
    if (bytes.length === 0) continue;
    told.push([`${what}, unseen`, await saidBy(sendUnseen(bytes, unit.desk))]);
    wanted.push([`${what}, unseen`, refusedAs(sent)]);
  }
  expect(told).toEqual(wanted);
  expect(unit.slots.state()).toEqual(before);
  expect(existsSync(join(unit.root, "incoming"))).toBe(false);
  expect(existsSync(unit.slots.folderOf("b"))).toBe(false);
  // The same unit on the same line: what is good is taken.
  expect(await saidBy(sendUnseen(genuine, unit.desk))).toMatchObject({ exitCode: EXIT.done });
  expect(unit.slots.state()).toMatchObject({ slots: { b: { version: "1.1.0" } } });
});

function install(file: string, ...words: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const line = [join(CHECKOUT, "install/main.ts"), "flash", file, "--root", ROOT, ...words];
  return new Promise((done) => {
    execFile(process.execPath, line, (error, stdout, stderr) => done({ code: error?.code ?? 0, stdout, stderr }));
  });
}

test("porter-install says why it refuses a bundle, for each unit as JSON where it is asked to, and ends with 4", async () => {
  const file = join(folder.path, "bad.porter");
  const genuine = await makeBundle();
  await writeFile(
    file,
    forgeBundle(genuine, () => undefined, { by: "revoked" }),
  );
  const forPeople = await install(file, "--port", "/dev/no-line");
  expect(forPeople).toMatchObject({ code: 4, stdout: "" });
  expect(forPeople.stderr).toMatch(/^FAILED {2}flash: revoked-key: it is signed by a key that was revoked: take /m);
  const forScripts = await install(file, "--port", "/dev/no-line", "--port", "/dev/neither", "--json");
  expect(forScripts).toMatchObject({ code: 4, stderr: "" });
  const lines = forScripts.stdout.trim().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ port: "/dev/no-line", exitCode: 4, failure: expect.stringMatching(/^revoked-key/) }),
    expect.objectContaining({ port: "/dev/neither", exitCode: 4, failure: expect.stringMatching(/^revoked-key/) }),
  ]);
});
