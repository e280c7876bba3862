import * as v from "valibot";
import { GROUP, RC } from "./packet.ts";
import { type Command, refuse } from "./server.ts";

/** Zephyr's `stat_mgmt_err_code_t`. */
const INVALID_GROUP = 2;
const Show = v.object({ name: v.string() });

/** By name: counts that say nothing of the owner. */
export type Statistics = Readonly<Record<string, () => Readonly<Record<string, number>>>>;

export function statisticsGroup(statistics: Statistics): Command[] {
  const group = GROUP.statistics;
  return [
    {
      group,
      id: 0,
      op: "read",
      need: "open",
      run: (body) => {
        const asked = v.safeParse(Show, body);
        if (!asked.success) return refuse(RC.invalid, "which statistics? Say their name");
        const { name } = asked.output;
        const read = Object.hasOwn(statistics, name) ? statistics[name] : undefined;
        if (!read) return { ok: false, rc: RC.notFound, err: INVALID_GROUP, rsn: "there are no such statistics" };
        const fields = Object.fromEntries(Object.entries(read()).map(([each, count]) => [each, Math.round(count)]));
        return { ok: true, body: { name, fields } };
      },
    },
    { group, id: 1, op: "read", need: "open", run: () => ({ ok: true, body: { stat_list: Object.keys(statistics) } }) },
  ];
}
