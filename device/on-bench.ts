import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { askForReset, resetIfAsked } from "./smp/factory-reset.ts";
import { prepareFile } from "./store/durable-file.ts";

/** Stands in the data folder of a unit that is a rig's. */
const MARK = "bench";

/**
 * Between a rig and an owner nothing is left: a unit whose jumper was set, or taken away, since its last start begins
 * anew, keys first. So whoever can press the button by wire presses it on a unit that is nobody's, and what a rig made
 * is nobody's second unit afterwards. Interrupted anywhere, the next start begins anew once more. Throws where the disk
 * refuses. True: it began anew.
 */
export function settleBench(folder: string, onBench: boolean): boolean {
  const mark = join(folder, MARK);
  if (existsSync(mark) === onBench) return false;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  askForReset(folder);
  resetIfAsked(folder);
  if (onBench) prepareFile(mark, Buffer.from("a test rig may press this unit's button\n"))();
  return true;
}
