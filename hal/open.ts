import { randomInt } from "node:crypto";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import { type Board, gpioOf, type LinuxBoard } from "./board-file.ts";
import type { Hal } from "./hal.ts";
import { openJumper } from "./linux/jumper.ts";
import type { BoardRig } from "./rig.ts";
import { RiggedBoard } from "./rigged-board.ts";
import { SimBoard } from "./sim/sim-board.ts";

/** A board, and the rig's way to it where it is simulated, or where a jumper says so. */
export type OpenBoard = Readonly<{ hal: Hal; rig: BoardRig | null }>;

/**
 * Opens the board that the config names; the caller disposes `hal`. Rejects with a HalError where a driver or a line
 * does not exist; what only fails for now is `hal.fault`, and is tried again. Drivers are loaded where they are chosen.
 * `onBench`: a rig shares button and mute switch with whoever stands before the unit.
 */
export async function openBoard(
  board: Board,
  options: Readonly<{ clock: Clock; log: Log; onBench?: boolean }>,
): Promise<OpenBoard> {
  const { clock, log, onBench = false } = options;
  switch (board.type) {
    case "sim": {
      const sim = new SimBoard(clock);
      return { hal: sim, rig: sim };
    }
    case "linux": {
      const { openLinuxBoard } = await import("./linux/linux-board.ts");
      const hal = await openLinuxBoard(board, { clock, log, openGpio: await gpioDriver(board) });
      if (!onBench) return { hal, rig: null };
      const rigged = new RiggedBoard(hal, clock);
      return { hal: rigged, rig: rigged };
    }
    case "mcu": {
      const { openMcuBoard } = await import("./mcu/mcu-board.ts");
      const { serialLine } = await import("./mcu/serial-line.ts");
      const { path } = board.mcu;
      const openLine = serialLine(board.mcu, clock);
      return { hal: await openMcuBoard({ clock, log, openLine, path, session: randomInt(1, 65_536) }), rig: null };
    }
  }
}

/**
 * Whether a unit on this board is a rig's: its light is lit then until this is disposed. Null: it is its owner's. A
 * jumper that cannot be read is not set.
 */
export async function openBench(
  board: Board,
  { clock, log }: { clock: Clock; log: Log },
): Promise<AsyncDisposable | null> {
  if (board.type !== "linux" || !board.bench) return null;
  return openJumper(board.bench, { clock, log, openGpio: await gpioDriver(board) });
}

async function gpioDriver(board: LinuxBoard) {
  return gpioOf(board) === "gpiod"
    ? (await import("./linux/gpiod.ts")).openGpiod
    : (await import("./linux/onoff.ts")).openOnoff;
}
