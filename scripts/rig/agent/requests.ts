import * as v from "valibot";
import { Finding } from "#device/doctor/finding.ts";

/**
 * What crosses the line between a rig and its agent on a machine that runs a unit: JSON, one object a line.
 * `{"id":1,"do":"press"}` is answered `{"id":1,"ok":true,"answer":{}}` or `{"id":1,"ok":false,"why":"…"}`.
 * Every `atMs` that comes from the agent is by its own monotonic clock: `now` says what that shows.
 */

const Id = v.pipe(v.number(), v.safeInteger());
/** A file in the folder that rig and agent share. */
const FileName = v.pipe(v.string(), v.regex(/^[\w-]{1,120}\.wav$/, "must be the name of a WAV file"));

function request<Name extends string, Fields extends v.ObjectEntries>(name: Name, fields: Fields) {
  return v.strictObject({ id: Id, do: v.literal(name), ...fields });
}

export const AgentRequest = v.variant("do", [
  request("now", {}),
  /** Handed to the unit's control socket as it is, under a number of the agent's. */
  request("unit", { ask: v.looseObject({ do: v.string() }) }),
  /** The button's contact, and the mute switch. */
  request("button", { down: v.boolean() }),
  request("mute", { engaged: v.boolean() }),
  request("lights", {}),
  /** Somebody in front of the microphone plays this file; answered when it is over. */
  request("play", { file: FileName }),
  /** Records the loudspeaker; answered with when that began. */
  request("record", {}),
  /** What `porter doctor` says of the unit. */
  request("doctor", {}),
  /** What the unit has taken since it was started last, and what is taken of the machine's memory. */
  request("cost", {}),
  /** Sets the machine's clock. */
  request("clock", { atMs: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
]);
export type AgentRequest = v.InferOutput<typeof AgentRequest>;

const Done = v.strictObject({});
export const AgentAnswers = {
  now: v.strictObject({ atMs: v.number() }),
  unit: v.looseObject({ ok: v.boolean() }),
  button: Done,
  mute: Done,
  lights: v.strictObject({ changes: v.array(v.strictObject({ scene: v.string(), atMs: v.number() })) }),
  play: Done,
  record: v.strictObject({ atMs: v.number() }),
  doctor: v.strictObject({ findings: v.array(Finding) }),
  cost: v.strictObject({ cpuMs: v.number(), unitMb: v.number(), machineMb: v.number() }),
  clock: Done,
};
export type AgentDo = keyof typeof AgentAnswers;
export type AgentAnswer<D extends AgentDo> = v.InferOutput<(typeof AgentAnswers)[D]>;

export const AgentReply = v.variant("ok", [
  v.strictObject({ id: Id, ok: v.literal(true), answer: v.unknown() }),
  v.strictObject({ id: Id, ok: v.literal(false), why: v.string() }),
]);

/** How an agent is started: a JSON file. */
export const AgentConfig = v.strictObject({
  /** The line to the rig: a device, or `unix:PATH`. */
  port: v.string(),
  /** The unit's config; the agent starts the unit, and starts it again where it ends. */
  unit: v.string(),
  data: v.string(),
  shared: v.string(),
  /** The other ends of the unit's lines and of its sound card; null where its board and room are simulated in itself. */
  wires: v.nullable(
    v.strictObject({
      /** A chip of gpio-sim's: its folder below /sys/devices, and which line is what. */
      lines: v.strictObject({ folder: v.string(), button: v.number(), mute: v.number(), leds: v.array(v.number()) }),
      sound: v.strictObject({ play: v.string(), record: v.string() }),
    }),
  ),
  /** The recording of the loudspeaker in the shared folder: NAME.raw with wires, else NAME/loudspeaker.wav. */
  recording: v.string(),
  /** Ports of this machine's loopback that lead to the same ports of another; datagrams go there over TCP. */
  forward: v.strictObject({ host: v.string(), tcp: v.array(v.number()), udp: v.array(v.number()) }),
});
export type AgentConfig = v.InferOutput<typeof AgentConfig>;
