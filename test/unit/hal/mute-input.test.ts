import { expect, test } from "vitest";
import { MuteInput } from "#hal/mute-input.ts";
import { FakeClock } from "#test/house/fake-clock.ts";

test("a mute switch that flaps is engaged all along, and lets go once it is calm", () => {
  const clock = new FakeClock();
  const mute = new MuteInput({ clock, settleMs: 50, engaged: false });
  const heard: boolean[] = [];
  mute.onChange((engaged) => heard.push(engaged));
  for (let times = 0; times < 1_000; times += 1) {
    mute.set(times % 2 === 0);
    clock.advance(times % 50);
  }
  expect(heard).toEqual([true]);
  mute.set(false);
  clock.advance(60);
  expect(heard).toEqual([true, false]);
});

test("until it was read it counts as engaged", () => {
  const clock = new FakeClock();
  const mute = new MuteInput({ clock, settleMs: 50, engaged: true });
  clock.advance(10_000);
  expect(mute.engaged).toBe(true);
  mute.set(false);
  expect(mute.engaged).toBe(true);
  clock.advance(50);
  expect(mute.engaged).toBe(false);
});
