import * as v from "valibot";

/** What the group of the unit's own carries; the unit and the installer's tool both read it. */

export const UNIT_COMMAND = {
  status: 0,
  identity: 1,
  provision: 2,
  handover: 3,
  reset: 4,
  lights: 5,
  inputs: 6,
  sound: 7,
  network: 8,
} as const;

const Text = (bytes: number) => v.pipe(v.string(), v.trim(), v.nonEmpty("must not be empty"), v.maxLength(bytes));

function address(example: string, ...protocols: string[]) {
  return v.pipe(
    Text(512),
    v.check(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `must be an address such as ${example}`,
    ),
  );
}

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** What an installer tells a unit. No key is among it: the unit makes its own. */
export const Provision = v.strictObject({
  name: Text(64),
  region: v.pipe(v.string(), v.regex(/^[A-Z]{2}$/, "must be two capital letters, such as GB")),
  timeZone: v.pipe(Text(64), v.check(isTimeZone, "must be a time zone, such as Europe/London")),
  hub: v.strictObject({
    name: Text(255),
    mqttUrl: address("mqtts://hub.example:8883", "mqtt:", "mqtts:"),
    httpUrl: address("https://hub.example", "http:", "https:"),
  }),
  invitation: v.optional(Text(1_024)),
  /** Which board the installer believes this to be: another one refuses. */
  board: v.optional(Text(32)),
});
export type Provision = v.InferOutput<typeof Provision>;

/** `new`: not yet told anything; `provisioned`: the installer may still change it; `handed-over`: it is its owner's. */
export const Stage = v.picklist(["new", "provisioned", "handed-over"]);
export type Stage = v.InferOutput<typeof Stage>;

export const Status = v.object({
  stage: Stage,
  board: v.string(),
  arch: v.string(),
  version: v.string(),
  running: v.boolean(),
  /** A factory reset was asked for: it happens at the next start. */
  resetting: v.boolean(),
  fault: v.nullable(v.string()),
});
export type Status = v.InferOutput<typeof Status>;

export const Identity = v.object({ account: v.string(), unit: v.string(), fingerprint: v.string() });
export type Identity = v.InferOutput<typeof Identity>;

/** As a board shows them (hal/hal.ts), but for those that only mean something in a call. */
export const Lights = v.strictObject({ scene: v.picklist(["off", "listening", "ringing", "muted", "fault"]) });
export type Lights = v.InferOutput<typeof Lights>;

export const Inputs = v.object({ held: v.boolean(), presses: v.number(), muted: v.boolean() });
export type Inputs = v.InferOutput<typeof Inputs>;

/** In tenths of dB, because the protocol knows whole numbers only. */
export const Sound = v.object({
  verdict: v.string(),
  says: v.string(),
  next: v.nullable(v.string()),
  tones: v.nullable(v.number()),
  delayMs: v.nullable(v.number()),
  levelTenthsDbfs: v.nullable(v.number()),
  noiseTenthsDbfs: v.nullable(v.number()),
  peakTenthsDbfs: v.nullable(v.number()),
});
export type Sound = v.InferOutput<typeof Sound>;

export const Network = v.object({
  steps: v.array(v.object({ what: v.string(), ok: v.boolean(), detail: v.string() })),
});
export type Network = v.InferOutput<typeof Network>;
