import { randomInt } from "node:crypto";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import { type Board, gpioOf } from "./board-file.ts";
import type { Hal } from "./hal.ts";
import type { BoardRig } from "./rig.ts";
import { SimBoard } from "./sim/sim-board.ts";

/** A board, and the rig's way to it where it is simulated. */
export type OpenBoard = Readonly<{ hal: Hal; rig: BoardRig | null }>;

/**
 * Opens the board that the config names; the caller disposes `hal`. Rejects with a HalError where a driver or a line
 * does not exist; what only fails for now is `hal.fault`, and is tried again. Drivers are loaded where they are chosen.
 */
export async function openBoard(board: Board, options: { clock: Clock; log: Log }): Promise<OpenBoard> {
  const { clock, log } = options;
  switch (board.type) {
    case "sim": {
      const sim = new SimBoard(clock);
      return { hal: sim, rig: sim };
    }
    case "linux": {
      const { openLinuxBoard } = await import("./linux/linux-board.ts");
      const isGpiod = gpioOf(board) === "gpiod";
      const openGpio = isGpiod
        ? (await import("./linux/gpiod.ts")).openGpiod
        : (await import("./linux/onoff.ts")).openOnoff;
      return { hal: await openLinuxBoard(board, { clock, log, openGpio }), rig: null };
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
