import { expect, test } from "vitest";
import { assertHeldOut, describeFlood, flood } from "#test/house/flood.ts";

test("10,000 offers of 200 accounts in half a minute keep no friend from ringing", async () => {
  const flooded = await flood({ accounts: 200, each: 50, pauseMs: 500 });
  console.log(`steady flood of 200 accounts:\n  ${describeFlood(flooded)}`);
  expect(flooded).toMatchObject({ sent: 10_000, accepted: 10_000 });
  assertHeldOut(flooded);
});

test("nor do 10,000 at once, and all of them again from a hub that replays", async () => {
  const flooded = await flood({ accounts: 200, each: 50, again: true });
  console.log(`flood at once of 200 accounts:\n  ${describeFlood(flooded)}`);
  expect(flooded).toMatchObject({ sent: 10_000, accepted: 10_000 });
  assertHeldOut(flooded);
});

test("nor do 2,000 of two accounts, most of which their hub refuses", async () => {
  const flooded = await flood({ accounts: 2, each: 1_000 });
  console.log(`flood of two accounts:\n  ${describeFlood(flooded)}`);
  expect(flooded.accepted).toBeLessThan(flooded.sent);
  assertHeldOut(flooded);
});
