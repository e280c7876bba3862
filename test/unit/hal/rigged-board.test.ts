import { expect, test } from "vitest";
import { systemClock } from "#base/clock.ts";
import type { ButtonChange } from "#hal/hal.ts";
import { RiggedBoard } from "#hal/rigged-board.ts";
import { SimBoard } from "#hal/sim/sim-board.ts";
import { describeBoard } from "#test/contract/board.ts";
import { FakeClock } from "#test/house/fake-clock.ts";

function makeBoard() {
  const clock = new FakeClock();
  const real = new SimBoard(clock);
  const board = new RiggedBoard(real, clock);
  const changes: ButtonChange["type"][] = [];
  board.button.onChange(({ type }) => changes.push(type));
  return { clock, real, board, changes };
}

test("a button that is held by hand stays held when a rig lets go of it, and the other way round", () => {
  const { real, board, changes, clock } = makeBoard();
  real.hold();
  board.press();
  expect(board.button.held).toBe(true);
  board.hold();
  real.release();
  expect(board.button.held).toBe(true);
  clock.advance(10_000);
  board.release();
  expect(board.button.held).toBe(false);
  expect(changes).toEqual(["down", "up"]);
});

test("a rig can cut the microphone off, and never open what the switch has cut", () => {
  const { real, board } = makeBoard();
  board.setMute(true);
  expect(board.mute.engaged).toBe(true);
  real.setMute(true);
  board.setMute(false);
  expect(board.mute.engaged).toBe(true);
  real.setMute(false);
  expect(board.mute.engaged).toBe(false);
});

test("a board whose switch is engaged when the rig comes is muted from the first moment", () => {
  const clock = new FakeClock();
  const real = new SimBoard(clock);
  real.setMute(true);
  expect(new RiggedBoard(real, clock).mute.engaged).toBe(true);
});

test("what the lights show is seen by people and read by the rig", () => {
  const { real, board } = makeBoard();
  board.lights.show("ringing");
  expect(real.sceneChanges().at(-1)?.scene).toBe("ringing");
  expect(board.sceneChanges().at(-1)?.scene).toBe("ringing");
});

describeBoard(
  "a board that a rig shares",
  async () => {
    const real = new SimBoard(systemClock);
    const board = new RiggedBoard(real, systemClock);
    return {
      hal: board,
      setButton: (down) => (down ? real.hold() : real.release()),
      setMute: (engaged) => real.setMute(engaged),
      seen: () => real.sceneChanges().at(-1)?.scene ?? null,
      cut: null,
      held: async () => [],
      [Symbol.asyncDispose]: () => board[Symbol.asyncDispose](),
    };
  },
  { bounces: false },
);
