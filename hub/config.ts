import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import * as v from "valibot";

const Port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
const Count = v.pipe(v.number(), v.integer(), v.minValue(1));
const Positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const Text = v.pipe(v.string(), v.minLength(1), v.maxLength(255));
/** A value that ends up in coturn's configuration: no line may be smuggled in with it. */
const Word = v.pipe(v.string(), v.regex(/^[A-Za-z0-9.:_-]{1,255}$/));
const RateSchema = (burst: number, perSecond: number) =>
  v.optional(v.strictObject({ burst: Count, perSecond: Positive }), { burst, perSecond });

const Turn = v.pipe(
  v.strictObject({
    /** The address that coturn listens on and relays from; the only peer it will relay to. */
    host: v.pipe(v.string(), v.ip()),
    listenPort: Port,
    minPort: Port,
    maxPort: Port,
    realm: Word,
    /** How long credentials last; a day at most, as their pseudonym. */
    credentialLifetimeS: v.optional(v.pipe(Count, v.maxValue(86_400)), 3_600),
    /** True: coturn ends when the hub is stopped. It outlives the hub by default, so that calls go on. */
    stopWithHub: v.optional(v.boolean(), false),
  }),
  v.check(({ minPort, maxPort }) => minPort <= maxPort, "minPort must not be above maxPort"),
);

export const HubConfig = v.strictObject({
  /** What units make their tokens out to. */
  name: Word,
  /** Folder for everything that the hub keeps; made at first start. A relative path starts at the file's folder. */
  data: Text,
  host: v.pipe(v.string(), v.ip()),
  mqttPort: Port,
  httpPort: Port,
  turn: v.nullable(Turn),
  limits: v.optional(
    v.strictObject({
      publications: RateSchema(120, 5),
      requests: RateSchema(60, 2),
      /** About our own day keys, a day's batch each: a new unit brings 91 at once, then 7 a week. */
      uploads: RateSchema(200, 0.01),
      /** Per remote address. */
      enrolments: RateSchema(30, 1),
      connections: v.optional(Count, 4_096),
      queueEntries: v.optional(Count, 256),
      queueEntriesPerSender: v.optional(Count, 32),
      /** Of envelopes that wait, calls and inbox each. */
      spoolBytes: v.optional(Count, 1_073_741_824),
      spoolBytesPerSender: v.optional(Count, 33_554_432),
    }),
    {},
  ),
});
export type HubConfig = v.InferOutput<typeof HubConfig>;
export type TurnConfig = NonNullable<HubConfig["turn"]>;

export type ConfigResult = Readonly<{ ok: true; config: HubConfig }> | Readonly<{ ok: false; faults: string[] }>;

/** Reads a configuration, or names everything that is wrong with it. */
export async function readConfig(path: string): Promise<ConfigResult> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    return { ok: false, faults: [error instanceof Error ? error.message : String(error)] };
  }
  const parsed = v.safeParse(HubConfig, value);
  if (parsed.success) {
    const data = resolve(dirname(resolve(path)), parsed.output.data);
    return { ok: true, config: { ...parsed.output, data } };
  }
  return { ok: false, faults: parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "the whole"}: ${issue.message}`) };
}
