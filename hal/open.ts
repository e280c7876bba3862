import type { Clock } from "#base/clock.ts";
import type { Hal } from "./hal.ts";
import { HalError } from "./hal-error.ts";
import type { BoardRig } from "./rig.ts";
import { SimBoard } from "./sim/sim-board.ts";

/** A board, and the rig's way to it where it is simulated. */
export type OpenBoard = Readonly<{ hal: Hal; rig: BoardRig | null }>;

/** Picks the board by its name in the config. The caller disposes `hal`. */
export function openBoard(name: string, options: { clock: Clock }): OpenBoard {
  if (name !== "sim") throw new HalError("no-such-board", `no board is called "${name}"; there is: sim`, { name });
  const board = new SimBoard(options.clock);
  return { hal: board, rig: board };
}
