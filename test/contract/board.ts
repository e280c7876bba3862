import { setTimeout as sleep } from "node:timers/promises";
import { describe, test } from "vitest";
import { type ButtonChange, type Hal, SCENES } from "#hal/hal.ts";
import { HalError } from "#hal/hal-error.ts";

/** A board, and the other ends of its wires. */
export interface BoardUnderTest extends AsyncDisposable {
  readonly hal: Hal;
  /** The button's contact. */
  setButton(down: boolean): void;
  setMute(engaged: boolean): void;
  /** The scene that can be seen; null where the lights show none. */
  seen(): string | null;
  /** Takes the inputs away, and gives them back; null where nothing can be taken away. */
  readonly cut: Readonly<{ away: () => void | Promise<void>; back: () => void | Promise<void> }> | null;
  /** What is still held of it: lines, processes, ports. */
  held(): Promise<readonly string[]>;
}

const SOON = { timeout: 8_000, interval: 5 } as const;
/** Longer than any debounce here. */
const BOUNCE_MS = 4;
const CALM_MS = 120;

/**
 * What every board promises. `bounces`: its contacts are read as they are, not pressed by a rig; `together`: there can
 * be several at a time.
 */
export function describeBoard(
  name: string,
  make: () => Promise<BoardUnderTest>,
  { bounces = true, together = true } = {},
): void {
  (together ? describe.concurrent : describe)(`${name}, as a board,`, () => {
    test("tells of a press as down, up and press, once each", async ({ expect }) => {
      await using board = await make();
      const changes = listen(board.hal);
      await press(board, 100);
      await expect.poll(() => changes.map(({ type }) => type), SOON).toEqual(["down", "up", "press"]);
      await press(board, 100);
      await expect.poll(() => changes.length, SOON).toBe(6);
      expect(board.hal.button.held).toBe(false);
    });

    test("tells how long the button was held, and no press after half a second", async ({ expect }) => {
      await using board = await make();
      const changes = listen(board.hal);
      board.setButton(true);
      await expect.poll(() => board.hal.button.held, SOON).toBe(true);
      await sleep(620);
      board.setButton(false);
      await expect.poll(() => board.hal.button.held, SOON).toBe(false);
      await sleep(CALM_MS);
      expect(changes.map(({ type }) => type)).toEqual(["down", "up"]);
      const [, up] = changes;
      expect(up?.type === "up" ? up.heldMs : 0).toBeGreaterThan(560);
      expect(up?.type === "up" ? up.heldMs : 0).toBeLessThan(1_500);
    });

    test.runIf(bounces)("does not take a contact that bounces for more than one change", async ({ expect }) => {
      await using board = await make();
      const changes = listen(board.hal);
      bounce(board, [true, false, true, false, true]);
      await expect.poll(() => board.hal.button.held, SOON).toBe(true);
      await sleep(CALM_MS);
      bounce(board, [false, true, false]);
      await expect.poll(() => board.hal.button.held, SOON).toBe(false);
      await sleep(CALM_MS);
      expect(changes.map(({ type }) => type)).toEqual(["down", "up", "press"]);
    });

    test("tells of the mute switch once a change, and reads it at any time", async ({ expect }) => {
      await using board = await make();
      await expect.poll(() => board.hal.mute.engaged, SOON).toBe(false);
      const heard: boolean[] = [];
      board.hal.mute.onChange((engaged) => heard.push(engaged));
      board.setMute(true);
      await expect.poll(() => board.hal.mute.engaged, SOON).toBe(true);
      await sleep(CALM_MS);
      board.setMute(false);
      await expect.poll(() => board.hal.mute.engaged, SOON).toBe(false);
      await sleep(CALM_MS);
      expect(heard).toEqual([true, false]);
    });

    test("shows each scene, and of many at once the last", async ({ expect }) => {
      await using board = await make();
      for (const scene of [...SCENES.slice(1), SCENES[0]]) {
        board.hal.lights.show(scene);
        await expect.poll(() => board.seen(), SOON).toBe(scene);
      }
      for (const scene of SCENES) board.hal.lights.show(scene);
      board.hal.lights.show("talking");
      await expect.poll(() => board.seen(), SOON).toBe("talking");
      await sleep(CALM_MS);
      expect(board.seen()).toBe("talking");
      expect(board.hal.fault).toBe(null);
    });

    test("tells nobody anything, and holds nothing, once it was disposed", async ({ expect }) => {
      await using board = await make();
      await expect.poll(() => board.hal.mute.engaged, SOON).toBe(false);
      const changes = listen(board.hal);
      board.hal.mute.onChange((engaged) => changes.push(engaged ? { type: "down" } : { type: "press" }));
      board.hal.lights.show("ringing");
      await expect.poll(() => board.seen(), SOON).toBe("ringing");
      await board.hal[Symbol.asyncDispose]();
      expect(await board.held()).toEqual([]);
      board.setButton(true);
      board.setMute(true);
      await sleep(CALM_MS);
      expect(changes).toEqual([]);
      await board.hal[Symbol.asyncDispose]();
    });

    test("says what is wrong and what to do while its inputs are gone, is muted and not held, and comes back", async ({
      expect,
    }) => {
      await using board = await make();
      if (board.cut === null) return;
      await expect.poll(() => board.hal.mute.engaged, SOON).toBe(false);
      const changes = listen(board.hal);
      board.setButton(true);
      await expect.poll(() => board.hal.button.held, SOON).toBe(true);
      await board.cut.away();
      await expect.poll(() => board.hal.mute.engaged, { timeout: 15_000 }).toBe(true);
      expect(board.hal.button.held).toBe(false);
      expect(changes.map(({ type }) => type)).not.toContain("press");
      expect(board.hal.fault).toBeInstanceOf(HalError);
      expect(board.hal.fault?.code).toMatch(/^board-/);
      expect(board.hal.fault?.message).toMatch(/board\.json|gpioinfo|user/);
      board.setButton(false);
      await board.cut.back();
      await expect.poll(() => board.hal.mute.engaged, { timeout: 15_000 }).toBe(false);
      expect(board.hal.fault).toBe(null);
      await press(board, 100);
      await expect.poll(() => changes.at(-1)?.type, SOON).toBe("press");
    });
  });
}

function listen(hal: Hal): ButtonChange[] {
  const changes: ButtonChange[] = [];
  hal.button.onChange((change) => changes.push(change));
  return changes;
}

async function press(board: BoardUnderTest, forMs: number): Promise<void> {
  board.setButton(true);
  await sleep(forMs);
  board.setButton(false);
}

/** Without a pause in which this process could be held up: a contact would rest meanwhile, and not bounce. */
function bounce(board: BoardUnderTest, contact: readonly boolean[]): void {
  for (const down of contact) {
    board.setButton(down);
    const untilMs = performance.now() + BOUNCE_MS;
    while (performance.now() < untilMs);
  }
}
