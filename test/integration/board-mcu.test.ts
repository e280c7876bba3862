import { readdirSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, test } from "vitest";
import { systemClock as clock } from "#base/clock.ts";
import { noLog as log } from "#base/log.ts";
import { parseBoard } from "#hal/board-file.ts";
import { encodeFrame } from "#hal/mcu/frame.ts";
import { encodeMessage } from "#hal/mcu/messages.ts";
import { SimMcu } from "#hal/mcu/sim-mcu.ts";
import { openBoard } from "#hal/open.ts";
import { type BoardUnderTest, describeBoard } from "#test/contract/board.ts";
import { openPty } from "#test/house/pty.ts";

/** A cable that can be pulled, and on which the far end may say anything. */
async function mcuBoard({ versions }: { versions?: readonly number[] } = {}) {
  await using making = new AsyncDisposableStack();
  let isPlugged = true;
  const pty = making.use(openPty((bytes) => isPlugged && mcu.read(bytes)));
  const write = (bytes: Uint8Array) => {
    if (isPlugged) pty.write(bytes);
  };
  const mcu = making.use(new SimMcu({ clock, write, ...(versions && { versions }) }));
  const parsed = parseBoard("mcu", { mcu: { path: pty.path } });
  if (!parsed.ok) throw new Error(parsed.faults.join());
  const { hal } = await openBoard(parsed.board, { clock, log });
  making.use(hal);
  const made = making.move();
  return {
    hal,
    mcu,
    pty,
    setButton: (down) => mcu.setButton(down),
    setMute: (engaged) => mcu.setMute(engaged),
    seen: () => mcu.scene,
    cut: {
      away: () => {
        isPlugged = false;
      },
      back: () => {
        isPlugged = true;
      },
    },
    // The far end's own hand on the cable is one.
    held: async () =>
      openFiles()
        .filter((file) => file === pty.path)
        .slice(1),
    [Symbol.asyncDispose]: () => made.disposeAsync(),
  } satisfies BoardUnderTest & { mcu: SimMcu; pty: { write(bytes: Uint8Array): void } };
}

function openFiles(): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

describeBoard("a microcontroller at a pseudo-terminal", () => mcuBoard());

describe.concurrent("a microcontroller", () => {
  test("that starts anew mid-way is muted for that while, then greeted and shown the scene again", async ({
    expect,
  }) => {
    await using board = await mcuBoard();
    await expect.poll(() => board.hal.mute.engaged).toBe(false);
    board.hal.lights.show("talking");
    await expect.poll(() => board.seen()).toBe("talking");
    const heard: boolean[] = [];
    board.hal.mute.onChange((engaged) => heard.push(engaged));
    board.mcu.reboot();
    await expect.poll(() => heard, { timeout: 4_000 }).toEqual([true, false]);
    await expect.poll(() => board.seen()).toBe("talking");
    expect(board.hal.fault).toBe(null);
  });

  test("is heard through garbage, halves and wrong sums between its frames", async ({ expect }) => {
    await using board = await mcuBoard();
    const presses: number[] = [];
    board.hal.button.onChange(({ type }) => type === "press" && presses.push(1));
    const noise = setInterval(() => {
      const cut = encodeFrame({ type: 17, session: 1, seq: 1, body: Uint8Array.of(3) });
      board.pty.write(cut.subarray(0, 1 + Math.floor(Math.random() * cut.length)));
      board.pty.write(Uint8Array.from({ length: 30 }, () => Math.floor(Math.random() * 256)));
    }, 15);
    for (let times = 0; times < 3; times += 1) {
      board.setButton(true);
      await expect.poll(() => board.hal.button.held, { timeout: 4_000, interval: 5 }).toBe(true);
      board.setButton(false);
      await expect.poll(() => board.hal.button.held, { timeout: 4_000, interval: 5 }).toBe(false);
    }
    clearInterval(noise);
    expect(presses).toHaveLength(3);
  });

  test("that floods is not listened to, counts as muted, and is taken back when it behaves", async ({ expect }) => {
    await using board = await mcuBoard();
    await expect.poll(() => board.hal.mute.engaged).toBe(false);
    const junk = Buffer.alloc(4_000, 7);
    const flood = setInterval(() => board.pty.write(junk), 1);
    await expect.poll(() => board.hal.fault?.message, { timeout: 6_000 }).toMatch(/far more than it should/);
    expect(board.hal.mute.engaged).toBe(true);
    clearInterval(flood);
    await expect.poll(() => board.hal.fault, { timeout: 12_000 }).toBe(null);
    await expect.poll(() => board.hal.mute.engaged).toBe(false);
  });

  test("that speaks another version is told of, with what to do", async ({ expect }) => {
    await using board = await mcuBoard({ versions: [9] });
    expect(board.hal.fault).toMatchObject({
      code: "board-babbles",
      message: expect.stringContaining("hal/mcu/README.md"),
    });
    expect(board.hal.mute.engaged).toBe(true);
  });

  test("that says it booted, over and over, is not greeted more often than it should be", async ({ expect }) => {
    await using board = await mcuBoard();
    let hellos = 0;
    const read = board.mcu.read.bind(board.mcu);
    board.mcu.read = (bytes) => {
      hellos += 1;
      read(bytes);
    };
    const booted = setInterval(() => board.pty.write(encodeMessage({ type: "booted" })), 2);
    await sleep(1_000);
    clearInterval(booted);
    // Hellos, scenes and acknowledgements together: a few for each tick of 50 ms.
    expect(hellos).toBeLessThan(100);
    await expect.poll(() => board.hal.fault, { timeout: 8_000 }).toBe(null);
  });

  test("that is not there is a fault that names the port and the group, and the unit goes on", async ({ expect }) => {
    const parsed = parseBoard("mcu", { mcu: { path: "/dev/porter-no-such-port" } });
    if (!parsed.ok) throw new Error(parsed.faults.join());
    const { hal } = await openBoard(parsed.board, { clock, log });
    await using _ = hal;
    expect(hal.fault?.code).toBe("board-failed");
    expect(hal.fault?.message).toMatch(/porter-no-such-port.*dialout/);
    expect(hal.mute.engaged).toBe(true);
  });
});
