import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { expect, test } from "vitest";
import { pinHandlers } from "#device/control/pin-handlers.ts";
import { PinDigits } from "#device/control/pin-views.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { makeSocketUnit, runPorter } from "./fixtures.ts";

const CLI = join(import.meta.dirname, "../../../device/control/cli.ts");

function typing(input: string, args: readonly string[]): Promise<{ exit: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [CLI, ...args], (error, out, err) => {
      resolve({ exit: typeof error?.code === "number" ? error.code : 0, out, err });
    });
    child.stdin?.end(input);
  });
}

test("the owner sets a PIN that no argument holds, sees that it is set, and takes it away", async () => {
  await using unit = await makeSocketUnit();
  const porter = (...args: string[]) => runPorter(["--socket", unit.path, "pin", ...args]);
  expect(await porter()).toMatchObject({ exit: 0, out: "There is no PIN: the button held is enough.\n" });
  const set = await typing("3905\n", ["--socket", unit.path, "pin", "set"]);
  expect(set).toMatchObject({ exit: 0, err: "" });
  expect(set.out).toMatch(/^The PIN is set\./);
  expect(readFileSync(join(unit.folder, "pin.json"), "utf8")).not.toContain("3905");
  expect(await porter()).toMatchObject({ exit: 0, out: "A PIN is set.\n" });
  const easy = await typing("1234\n", ["--socket", unit.path, "pin", "set"]);
  expect([easy.exit, easy.err]).toEqual([2, expect.stringContaining("choose another")]);
  for (const wrong of ["", "012", "3905x", "390512345", "３９０５"]) {
    expect(v.is(PinDigits, wrong)).toBe(false);
  }
  expect(await porter("off")).toMatchObject({ exit: 0, out: expect.stringMatching(/^There is no PIN any more/) });
  const told = unit.journal.list({ limit: 9 }).flatMap(({ what, detail }) => (what === "change" ? [detail] : []));
  expect(told).toEqual(["pin-off", "pin-set"]);
  expect(unit.dispatched).toEqual([
    { type: "pin-set", looser: false },
    { type: "pin-set", looser: true },
  ]);
}, 30_000);

test("another owner of the unit has no PIN to set, and is told so", async () => {
  const daemon = { dispatch: () => undefined };
  const handlers = pinHandlers({ pin: null, stores: null, clock: new FakeClock(), daemon });
  const refused = { ok: false, error: { code: "not-first" } };
  expect(handlers.pin({ id: 1, do: "pin" })).toMatchObject(refused);
  expect(await handlers["pin-set"]({ id: 1, do: "pin-set", digits: "3905" })).toMatchObject(refused);
  expect(handlers["pin-off"]({ id: 1, do: "pin-off" })).toMatchObject(refused);
});
