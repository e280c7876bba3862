import { expect, test } from "vitest";
import { Sweep } from "#audio/sweep.ts";
import { FakeClock } from "#test/house/fake-clock.ts";

test("what calls left behind is swept out once after the last of them, and only when it is quiet", () => {
  const clock = new FakeClock();
  let [quiet, swept] = [false, 0];
  const sweep = new Sweep({ clock, isQuiet: () => quiet, collect: () => (swept += 1) });
  for (let call = 0; call < 5; call += 1) {
    sweep.later();
    clock.advance(1_000);
  }
  clock.advance(10_000);
  expect(swept).toBe(0);
  quiet = true;
  clock.advance(3_000);
  expect(swept).toBe(1);
  clock.advance(3_600_000);
  expect(swept).toBe(1);
});
