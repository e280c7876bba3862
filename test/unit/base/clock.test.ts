import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { systemClock } from "#base/clock.ts";

test("a wait longer than a timer can count is a long wait, and none that is over at once", async () => {
  let over = 0;
  const cancels = [2 ** 31, 60 * 86_400_000, Number.POSITIVE_INFINITY].map((delayMs) =>
    systemClock.after(delayMs, () => {
      over += 1;
    }),
  );
  await sleep(30);
  for (const cancel of cancels) cancel();
  expect(over).toBe(0);
});
