import { expect, test } from "vitest";
import { ButtonInput } from "#hal/button-input.ts";
import { Debounce } from "#hal/debounce.ts";
import type { ButtonChange } from "#hal/hal.ts";
import { FakeClock } from "#test/house/fake-clock.ts";

function make() {
  const clock = new FakeClock();
  const button = new ButtonInput(clock);
  const told: ButtonChange[] = [];
  button.onChange((change) => told.push(change));
  const onStable = (down: boolean, atMs: number | null) => button.set(down, atMs);
  const debounce = new Debounce({ clock, settleMs: 20, onStable });
  debounce.feed(false, 0);
  clock.advance(1_000);
  return { clock, debounce, told };
}

test("a press whose edges were all found at once, late, is a press as long as the kernel says, bounces and all", () => {
  const { clock, debounce, told } = make();
  for (const [at, level] of [true, false, true].entries()) debounce.feed(level, 1_000 + at * 5);
  for (const [at, level] of [false, true, false].entries()) debounce.feed(level, 1_130 + at * 5);
  clock.advance(20);
  expect(told).toEqual([{ type: "down" }, { type: "up", heldMs: 130 }, { type: "press" }]);
});

test("what is shorter than the contact takes to settle stays a bounce, however late it is found", () => {
  const { clock, debounce, told } = make();
  debounce.feed(true, 1_000);
  clock.advance(15);
  debounce.feed(false, 1_019);
  clock.advance(1_000);
  expect(told).toEqual([]);
});

test("what was held is no press, however quickly its edges were read one after the other", () => {
  const { clock, debounce, told } = make();
  debounce.feed(true, 1_000);
  debounce.feed(false, 1_700);
  clock.advance(20);
  expect(told).toEqual([{ type: "down" }, { type: "up", heldMs: 700 }]);
});
