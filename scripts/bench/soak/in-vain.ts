import { setTimeout as sleep } from "node:timers/promises";
import { callIs, type Person } from "../../stage/person.ts";

/** Somebody blocked calls: nothing may ring while it is listened for. */
export async function callInVain(caller: Person, callee: Person, listenMs: number): Promise<string> {
  await callee.unit.ask({ do: "block", who: caller.name });
  try {
    const since = Date.now();
    await caller.unit.ask({ do: "call", who: callee.name });
    await callee.unit.happens("the verdict", ({ detail }) => detail?.because === "blocked", { since });
    await sleep(listenMs);
    if (callee.unit.timeline.some((line) => line.at >= since && callIs("ringing")(line))) throw new Error("it rang");
    await caller.unit.ask({ do: "hang-up" });
  } finally {
    await callee.unit.ask({ do: "unblock", who: caller.name });
  }
  return "called in vain";
}
