import { expect, test } from "vitest";
import { systemClock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import type { ButtonChange } from "#hal/hal.ts";
import { openBoard } from "#hal/open.ts";
import { SimBoard } from "#hal/sim/sim-board.ts";
import { describeBoard } from "#test/contract/board.ts";
import { FakeClock } from "#test/house/fake-clock.ts";

function makeBoard() {
  const clock = new FakeClock();
  const board = new SimBoard(clock);
  const changes: ButtonChange[] = [];
  const stop = board.button.onChange((change) => changes.push(change));
  return { clock, board, changes, stop };
}

test("pressing and letting go is down, up and one press", () => {
  const { board, changes } = makeBoard();
  board.press();
  expect(changes).toEqual([{ type: "down" }, { type: "up", heldMs: 0 }, { type: "press" }]);
});

test("the button is held from down to up, and a long hold is no press", () => {
  const { board, clock, changes } = makeBoard();
  expect(board.button.held).toBe(false);
  board.hold();
  board.hold();
  expect(board.button.held).toBe(true);
  clock.advance(501);
  board.release();
  board.release();
  expect(board.button.held).toBe(false);
  expect(changes).toEqual([{ type: "down" }, { type: "up", heldMs: 501 }]);
});

test("a release within half a second is a press", () => {
  const { board, clock, changes } = makeBoard();
  board.hold();
  clock.advance(500);
  board.release();
  expect(changes.at(-1)).toEqual({ type: "press" });
});

test("who stopped listening hears no more", async () => {
  const { board, changes, stop } = makeBoard();
  stop();
  board.press();
  expect(changes).toEqual([]);
  board.button.onChange((change) => changes.push(change));
  await board[Symbol.asyncDispose]();
  board.press();
  expect(changes).toEqual([]);
});

test("the mute switch tells of each change once, and is read at any time", () => {
  const { board } = makeBoard();
  const heard: boolean[] = [];
  board.mute.onChange((engaged) => heard.push(engaged));
  board.setMute(true);
  board.setMute(true);
  expect(board.mute.engaged).toBe(true);
  board.setMute(false);
  expect(heard).toEqual([true, false]);
});

test("the lights remember what they showed and when, and the same scene again is no change", () => {
  const { board, clock } = makeBoard();
  board.lights.show("off");
  board.lights.show("ringing");
  clock.advance(250);
  board.lights.show("ringing");
  board.lights.show("talking");
  const startMs = clock.nowMs() - 250;
  expect(board.sceneChanges()).toEqual([
    { scene: "ringing", atMs: startMs },
    { scene: "talking", atMs: startMs + 250 },
  ]);
});

test("the lights remember a thousand changes at most, the newest", () => {
  const { board } = makeBoard();
  for (let change = 0; change < 3_001; change += 1) board.lights.show(change % 2 === 0 ? "ringing" : "off");
  expect(board.sceneChanges()).toHaveLength(1_000);
  expect(board.sceneChanges().at(-1)?.scene).toBe("ringing");
});

test("the board that the config names is opened", async () => {
  const { hal, rig } = await openBoard({ type: "sim" }, { clock: new FakeClock(), log: noLog });
  await using _ = hal;
  rig?.hold();
  expect(hal.button.held).toBe(true);
});

describeBoard(
  "a simulated board",
  async () => {
    const board = new SimBoard(systemClock);
    return {
      hal: board,
      setButton: (down) => (down ? board.hold() : board.release()),
      setMute: (engaged) => board.setMute(engaged),
      seen: () => board.sceneChanges().at(-1)?.scene ?? null,
      cut: null,
      held: async () => [],
      [Symbol.asyncDispose]: () => board[Symbol.asyncDispose](),
    };
  },
  { bounces: false },
);
