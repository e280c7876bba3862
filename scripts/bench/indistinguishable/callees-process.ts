import { join } from "node:path";
import * as v from "valibot";
import { Callee } from "./callee.ts";
import { CalleesPlan, type FromCallees, FromParent } from "./callees.ts";
import { SITUATIONS, type Situation } from "./situations.ts";

/** The process of all callees; see callees.ts for who starts it and what it is told. */
const plan = v.parse(CalleesPlan, JSON.parse(process.argv[2] ?? "null"));
const { folder, hub, invitation } = plan;
const lanes: Record<Situation, Callee>[] = [];
const accounts: Record<Situation, string>[] = [];

for (const [lane, callers] of plan.lanes.entries()) {
  const opened = await Promise.all(
    SITUATIONS.map(async (situation) => {
      const own = join(folder, `lane-${lane}-${situation}`);
      const [callee, account] = await Callee.open({ situation, folder: own, hub, invitation, callers });
      return { situation, callee, account };
    }),
  );
  lanes.push(bySituation(opened.map(({ situation, callee }) => [situation, callee])));
  accounts.push(bySituation(opened.map(({ situation, account }) => [situation, account])));
}
tell({ type: "open", accounts });

process.on("message", (message) => {
  switch (v.parse(FromParent, message)) {
    case "count":
      tell({
        type: "counted",
        lanes: lanes.map((lane) => bySituation(SITUATIONS.map((situation) => [situation, lane[situation].seen]))),
      });
      return;
    case "close":
      void close();
      return;
  }
});
// Whoever started us is gone: nobody would end us.
process.on("disconnect", () => process.exit());

function tell(message: FromCallees): void {
  process.send?.(message);
}

async function close(): Promise<void> {
  await Promise.all(lanes.flatMap((lane) => Object.values(lane).map((callee) => callee[Symbol.asyncDispose]())));
  process.exit();
}

function bySituation<T>(entries: readonly (readonly [Situation, T])[]): Record<Situation, T> {
  return Object.fromEntries(entries) as Record<Situation, T>;
}
