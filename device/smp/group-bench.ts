import * as v from "valibot";
import type { Clock } from "#base/clock.ts";
import { SCENES } from "#hal/hal.ts";
import type { BoardRig } from "#hal/rig.ts";
import { GROUP, RC } from "./packet.ts";
import { type Answer, type Command, refuse, withBody } from "./server.ts";

/**
 * The rig's hands and eyes over the line, and what its owner would ask of the control socket; its voice and ears are a
 * sound card of its own.
 */

export const BENCH_COMMAND = { hands: 0, lights: 1, ask: 2, answer: 3 } as const;

/** What a rig may do. `control`: a line for the unit's control socket to the line that it answers; null before it runs. */
export type Rig = Readonly<{ board: BoardRig; control: ((line: string) => Promise<string>) | null }>;

export const Hands = v.variant("do", [
  v.strictObject({ do: v.picklist(["press", "hold", "release"]) }),
  v.strictObject({ do: v.literal("mute"), engaged: v.boolean() }),
]);
export type Hands = v.InferOutput<typeof Hands>;

/** So many of the newest changes are left out: a reader pages backwards. */
const Look = v.strictObject({
  skip: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000)), 0),
});

/** Oldest first, at most 32 of them; `total`: how many the unit remembers. Times are by the unit's wall clock. */
export const SceneChanges = v.object({
  total: v.number(),
  nowMs: v.number(),
  changes: v.array(v.object({ scene: v.picklist(SCENES), atMs: v.number() })),
});
export type SceneChanges = v.InferOutput<typeof SceneChanges>;
const PAGE = 32;

/** `text`: a request as `control.sock` takes it. The same token again asks nothing anew: an answer was lost. */
const AskControl = v.strictObject({
  token: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  text: v.pipe(v.string(), v.maxBytes(1_536, "a request over the line may have 1,536 bytes")),
});
/** More of the last answer, from a byte on. */
const MoreOf = v.strictObject({ from: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });
/** A part of the answer, a line of JSON that has so many bytes in all. */
export const AnswerPart = v.object({ bytes: v.number(), part: v.instance(Uint8Array) });
const PART_BYTES = 1_536;

/** Null: the unit's jumper is not set, and nobody presses its button but by hand. */
export function benchGroup(rigOf: () => Rig | null, clock: Clock): Command[] {
  const group = GROUP.bench;
  const asked = new Asked();
  const withRig = (run: (rig: Rig) => Answer | Promise<Answer>) => {
    const rig = rigOf();
    return rig ? run(rig) : refuse(RC.denied, "this unit is not a rig's: set the jumper on its board and restart it");
  };
  return [
    {
      group,
      id: BENCH_COMMAND.hands,
      op: "write",
      need: "open",
      run: (body) => withRig((rig) => withBody(Hands, body, (hands) => act(rig.board, hands))),
    },
    {
      group,
      id: BENCH_COMMAND.lights,
      op: "read",
      need: "open",
      run: (body) =>
        withRig((rig) =>
          withBody(Look, body, ({ skip }) => ({ ok: true, body: look(rig.board, skip, clock.nowMs()) })),
        ),
    },
    {
      group,
      id: BENCH_COMMAND.ask,
      op: "write",
      need: "open",
      run: (body) => withRig(({ control }) => withBody(AskControl, body, (ask) => asked.ask(ask, control))),
    },
    {
      group,
      id: BENCH_COMMAND.answer,
      op: "read",
      need: "open",
      run: (body) => withRig(() => withBody(MoreOf, body, ({ from }) => asked.more(from))),
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

function look(rig: BoardRig, skip: number, nowMs: number): SceneChanges {
  const all = rig.sceneChanges();
  const end = Math.max(0, all.length - skip);
  const changes = all.slice(Math.max(0, end - PAGE), end);
  const rounded = changes.map(({ scene, atMs }) => ({ scene, atMs: Math.round(atMs) }));
  return { total: all.length, nowMs: Math.round(nowMs), changes: rounded };
}

/** The last request that came over the line, and its answer, which may be longer than a packet. */
class Asked {
  #token: number | null = null;
  #answer: Promise<Buffer> = Promise.resolve(Buffer.alloc(0));

  async ask({ token, text }: v.InferOutput<typeof AskControl>, control: Rig["control"]): Promise<Answer> {
    if (!control) return refuse(RC.badState, "the unit does not run yet: provision it first");
    if (token !== this.#token) {
      this.#token = token;
      this.#answer = control(text).then((line) => Buffer.from(line));
    }
    return this.more(0);
  }

  async more(from: number): Promise<Answer> {
    const answer = await this.#answer;
    return { ok: true, body: { bytes: answer.length, part: answer.subarray(from, from + PART_BYTES) } };
  }
}
