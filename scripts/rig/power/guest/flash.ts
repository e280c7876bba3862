import { closeSync, openSync, readSync, statSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { openUpdates } from "#device/update/updates.ts";
import type { Plan } from "../messages.ts";
import { openSlots } from "./look.ts";
import { say } from "./say.ts";
import type { WriterOptions } from "./write.ts";

const PIECE_BYTES = 65_536;
/** An offset is promised so often: what was synced. */
const TOLD_EVERY_BYTES = 1_048_576;

/**
 * Takes in one bundle as an installer sends it, has it installed and tried from the next start on. What is on trial
 * confirms itself first. When it is done, the unit is to be started anew.
 */
export async function flash(plan: Plan, promise: WriterOptions["promise"]): Promise<void> {
  const { slots, slot } = openSlots();
  const state = slots.state();
  if (state?.trial?.slot === slot) {
    await promise({ do: "confirm", slot }, () => {
      if (!slots.confirm(slot)) throw new Error("it could not be confirmed");
    });
  }
  const updates = openUpdates(slots.root);
  const { path, version, sha256 } = plan.bundle;
  const { size } = statSync(path);
  const opened = updates.open(size, sha256);
  if (!opened.ok) throw new Error(opened.sentence);
  say({ say: "resumed", version, offset: opened.offset });
  const file = openSync(path, "r");
  const into = Buffer.alloc(PIECE_BYTES);
  try {
    let at: number = opened.offset;
    while (at < size) {
      const piece = into.subarray(0, readSync(file, into, 0, PIECE_BYTES, at));
      const next = at + piece.length;
      const write = () => takenBy(updates, at, piece);
      at = await (next % TOLD_EVERY_BYTES === 0 ? promise({ do: "receive", version, offset: next }, write) : write());
      await setImmediate();
    }
  } finally {
    closeSync(file);
  }
  await promise({ do: "install", version }, async () => {
    const installed = await updates.finish();
    if (!installed.ok) throw new Error(installed.sentence);
  });
  await promise({ do: "activate", version }, () => {
    const begun = updates.activate();
    if (!begun.ok) throw new Error(begun.sentence);
  });
}

function takenBy(updates: ReturnType<typeof openUpdates>, at: number, piece: Uint8Array): number {
  const taken = updates.write(at, piece);
  if (!taken.ok) throw new Error(taken.sentence);
  return taken.offset;
}
