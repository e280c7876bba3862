import { BoardTarget } from "#scripts/rig/targets/board/board.ts";
import { describeTarget } from "../contract/target.ts";
import { SimulatedBoard } from "../house/simulated-board.ts";

describeTarget("a board on its serial line", async (folder) => {
  const board = await SimulatedBoard.make(folder);
  // What plays to it and records it finds the same sound server.
  Object.assign(process.env, board.environment);
  return {
    address: board.settings.address,
    lacks: {},
    make: (options) => new BoardTarget(board.settings, options),
    [Symbol.asyncDispose]: () => board[Symbol.asyncDispose](),
  };
});
