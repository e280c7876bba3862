import { expect, test } from "vitest";
import { cutOverAndOver } from "#scripts/rig/power/run.ts";
import { machineLibrary, whatIsMissing } from "#scripts/rig/power/tools.ts";
import { seed } from "#test/fuzz/seed.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

/** Of the whole machine; a process that is killed shows less (test/long/kills.test.ts). */
async function cut(cuts: number, control: "normal" | "lying-disk" | null) {
  expect(whatIsMissing()).toBeNull();
  await using folder = await makeTempFolder();
  const tell = (line: string) => console.log(`power cuts: ${line}`);
  const rest = { jobs: 1, resume: false, folder: folder.path, library: machineLibrary(), tell };
  return await cutOverAndOver({ cuts, seed: seed(), control, ...rest });
}

test("24 power cuts among changes, messages and flashing lose nothing that was confirmed", async () => {
  const { lost, totals } = await cut(24, null);
  expect(totals.losses).toEqual([]);
  expect(lost).toBe(0);
  expect(totals.during).toBeGreaterThan(8);
});

test.each(["normal", "lying-disk"] as const)("a unit that confirms too early is caught: %s", async (control) => {
  expect((await cut(8, control)).lost).toBeGreaterThan(0);
});
