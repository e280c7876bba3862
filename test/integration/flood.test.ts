import { expect, test } from "vitest";
import { assertHeldOut, flood } from "#test/house/flood.ts";

test("1,000 offers from blocked and unknown callers keep no friend from ringing, and fill neither memory, disk nor journal", async () => {
  const flooded = await flood({ accounts: 20, each: 50 });
  expect(flooded).toMatchObject({ sent: 1_000, accepted: 1_000 });
  assertHeldOut(flooded);
});
