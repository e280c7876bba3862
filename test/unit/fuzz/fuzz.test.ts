import { describe, expect, test } from "vitest";
import { run } from "#test/fuzz/run.ts";
import { seed } from "#test/fuzz/seed.ts";
import { PLAN } from "#test/fuzz/targets.ts";

const PATIENCE_MS = 120_000;

describe("what others write", () => {
  test.each(PLAN.map(({ target, quick }) => [target.name, target, quick] as const))(
    "%s: breaks nothing, ends in a declared way, and gets nobody in who may not",
    async (_, target, inputs) => {
      const { tally } = await run(target, { seed: seed(), inputs });
      // The control: the attack gets past the first check, and to every end that there is.
      expect(Object.keys(tally)).toEqual(expect.arrayContaining([...target.meets]));
    },
    PATIENCE_MS,
  );

  test("is tried in at least 100,000 ways here, and in 10,000,000 by `npm run test:long`", () => {
    const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);
    expect(sum(PLAN.map(({ quick }) => quick))).toBeGreaterThanOrEqual(100_000);
    expect(sum(PLAN.map(({ long }) => long))).toBeGreaterThanOrEqual(10_000_000);
  });
});
