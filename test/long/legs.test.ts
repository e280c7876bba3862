import { expect, test } from "vitest";
import { grows } from "#scripts/bench/soak/slope.ts";
import { describeLegCalls, makeLegCalls } from "#test/house/leg-calls.ts";

/** The WebRTC library's threads and their descriptors come and go as a whole set. */
const MOST_FDS = 30;

test("1,000 calls in a row leave memory, descriptors and threads as they were", async () => {
  const made = await makeLegCalls(1_000);
  console.log(describeLegCalls(made));
  for (const { first, last, memoryKbACall } of made.ends) {
    expect(memoryKbACall.low).toBeLessThan(0);
    expect(Math.abs(last.fds - first.fds)).toBeLessThanOrEqual(MOST_FDS);
    expect(Math.abs(last.threads - first.threads)).toBeLessThan(5);
  }
});

test("a leak of 40 kB a call is found out within 400 calls", async () => {
  const made = await makeLegCalls(400, { leakKb: 40 });
  console.log(`with a leak: ${describeLegCalls(made)}`);
  for (const { memoryKbACall } of made.ends) expect(grows(memoryKbACall)).toBe(true);
});
