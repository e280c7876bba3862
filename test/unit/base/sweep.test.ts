import { expect, test } from "vitest";
import { Sweep } from "#base/sweep.ts";
import { FakeClock } from "#test/house/fake-clock.ts";

const REGULARLY_MS = 2 * 60_000;

function sweeping() {
  const clock = new FakeClock();
  const seen = { quiet: true, swept: 0 };
  const sweep = new Sweep({ clock, isQuiet: () => seen.quiet, collect: () => (seen.swept += 1) });
  return { clock, seen, sweep };
}

test("what calls left behind is swept out once after the last of them, and only when it is quiet", () => {
  const { clock, seen, sweep } = sweeping();
  seen.quiet = false;
  for (let call = 0; call < 5; call += 1) {
    sweep.later();
    clock.advance(1_000);
  }
  clock.advance(10_000);
  expect(seen.swept).toBe(0);
  seen.quiet = true;
  clock.advance(3_000);
  expect(seen.swept).toBe(1);
  clock.advance(REGULARLY_MS - 3_000);
  expect(seen.swept).toBe(1);
});

test("where nothing happens it sweeps every two minutes, and not once it is over", () => {
  const { clock, seen, sweep } = sweeping();
  clock.advance(4 * REGULARLY_MS);
  expect(seen.swept).toBe(4);
  sweep[Symbol.dispose]();
  clock.advance(4 * REGULARLY_MS);
  expect(seen.swept).toBe(4);
});

test("a sweep that was due while somebody talked comes when they have ended", () => {
  const { clock, seen } = sweeping();
  seen.quiet = false;
  clock.advance(REGULARLY_MS + 60_000);
  expect(seen.swept).toBe(0);
  seen.quiet = true;
  clock.advance(3_000);
  expect(seen.swept).toBe(1);
});
