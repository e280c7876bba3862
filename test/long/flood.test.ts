import { expect, test } from "vitest";
import { assertHeldOut, describeFlood, flood, quantile } from "#test/house/flood.ts";

test("10,000 offers of 200 accounts in half a minute keep no friend from ringing, and from being heard in time", async () => {
  const flooded = await flood({ accounts: 200, each: 50, pauseMs: 500, friends: 5, sound: true });
  console.log(`steady flood of 200 accounts:\n  ${describeFlood(flooded)}`);
  expect(flooded).toMatchObject({ sent: 10_000, accepted: 10_000 });
  assertHeldOut(flooded);
});

test("a unit that looks at what came 100 ms late is seen to", async () => {
  const flooded = await flood({ accounts: 20, each: 20, pauseMs: 100, sound: true, lateMs: 100 });
  console.log(`a unit that is 100 ms late:\n  ${describeFlood(flooded)}`);
  expect(quantile(flooded.ringsMs, 0)).toBeGreaterThanOrEqual(99);
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
