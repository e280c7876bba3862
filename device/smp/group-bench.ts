import * as v from "valibot";
import { SCENES } from "#hal/hal.ts";
import type { BoardRig } from "#hal/rig.ts";
import { GROUP, RC } from "./packet.ts";
import { type Answer, type Command, refuse, withBody } from "./server.ts";

/** The rig's hands and eyes over the line; its voice and ears are a sound card of its own. */

export const BENCH_COMMAND = { hands: 0, lights: 1 } as const;

export const Hands = v.variant("do", [
  v.strictObject({ do: v.picklist(["press", "hold", "release"]) }),
  v.strictObject({ do: v.literal("mute"), engaged: v.boolean() }),
]);
export type Hands = v.InferOutput<typeof Hands>;

/** So many of the newest changes are left out: a reader pages backwards. */
const Look = v.strictObject({
  skip: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000)), 0),
});

/** Oldest first, at most 32 of them; `total`: how many the unit remembers. `atMs`: the unit's wall clock. */
export const SceneChanges = v.object({
  total: v.number(),
  changes: v.array(v.object({ scene: v.picklist(SCENES), atMs: v.number() })),
});
export type SceneChanges = v.InferOutput<typeof SceneChanges>;
const PAGE = 32;

/** Null: the unit's jumper is not set, and nobody presses its button but by hand. */
export function benchGroup(rigOf: () => BoardRig | null): Command[] {
  const group = GROUP.bench;
  const withRig = (run: (rig: BoardRig) => Answer | Promise<Answer>) => {
    const rig = rigOf();
    return rig ? run(rig) : refuse(RC.denied, "this unit is not a rig's: set the jumper on its board and restart it");
  };
  return [
    {
      group,
      id: BENCH_COMMAND.hands,
      op: "write",
      need: "open",
      run: (body) => withRig((rig) => withBody(Hands, body, (hands) => act(rig, hands))),
    },
    {
      group,
      id: BENCH_COMMAND.lights,
      op: "read",
      need: "open",
      run: (body) => withRig((rig) => withBody(Look, body, ({ skip }) => ({ ok: true, body: look(rig, skip) }))),
    },
  ];
}

function act(rig: BoardRig, hands: Hands): Answer {
  switch (hands.do) {
    case "press":
    case "hold":
    case "release":
      rig[hands.do]();
      break;
    case "mute":
      rig.setMute(hands.engaged);
      break;
  }
  return { ok: true, body: {} };
}

function look(rig: BoardRig, skip: number): SceneChanges {
  const all = rig.sceneChanges();
  const end = Math.max(0, all.length - skip);
  const changes = all.slice(Math.max(0, end - PAGE), end);
  return { total: all.length, changes: changes.map(({ scene, atMs }) => ({ scene, atMs: Math.round(atMs) })) };
}
