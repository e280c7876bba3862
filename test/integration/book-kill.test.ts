import { expect, test } from "vitest";
import { seed } from "#test/fuzz/seed.ts";
import { bookUnit, killWhileChanging } from "#test/house/book-kills.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const ROUNDS = 20;

test("killed at any moment while its book changes, a unit has every change that it confirmed when it starts again", async () => {
  await using folder = await makeTempFolder();
  const counts = await killWhileChanging({ rounds: ROUNDS, seed: seed(), folder: folder.path, start: bookUnit() });
  // The control: it was killed among changes, and there were some to lose.
  expect(counts.during).toBeGreaterThan(ROUNDS / 3);
  expect(counts.changed).toBeGreaterThan(ROUNDS);
});

test("a unit that confirms a change before it has saved it is caught at that", async () => {
  await using folder = await makeTempFolder();
  const lying = killWhileChanging({ rounds: ROUNDS, seed: seed(), folder: folder.path, start: bookUnit(true) });
  await expect(lying).rejects.toThrow(/the book is none of|the journal/);
});
