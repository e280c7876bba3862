import * as v from "valibot";
import { ControlRequest } from "#device/control/requests.ts";
import { SCENES } from "#hal/hal.ts";

/** A scenario's file: who lives there, and what is done and expected, in order. test/scenarios/README.md explains it. */

/** The unit that is tested is Ben's; the others are simulated homes beside it. */
export const NEIGHBOURS = ["Ana", "Mallory"] as const;
export const TARGETS = ["sim", "qemu", "arm64", "board"] as const;
export type TargetName = (typeof TARGETS)[number];

const UNITS_OF_TIME = { ms: 1, s: 1_000, min: 60_000 } as const;
const DURATION = /^(\d{1,6}(?:\.\d{1,3})?) ?(ms|s|min)$/;
const Duration = v.pipe(
  v.string('must be a time such as "2 s"'),
  v.regex(DURATION, 'must be a time such as "300 ms", "2 s" or "1 min"'),
  v.transform((text) => {
    const [, number, unit] = DURATION.exec(text) ?? [];
    const each = unit === "ms" || unit === "s" || unit === "min" ? UNITS_OF_TIME[unit] : Number.NaN;
    return Number(number) * each;
  }),
  v.maxValue(600_000, "must not be longer than ten minutes"),
);

const Neighbour = v.picklist(NEIGHBOURS);
const Home = v.picklist(["unit", ...NEIGHBOURS]);
const Words = v.pipe(v.string(), v.trim(), v.nonEmpty("must not be empty"), v.maxLength(300));
const Grant = v.picklist(["ring", "message", "announce", "drop-in"]);
const Dbfs = v.pipe(v.number(), v.minValue(-120), v.maxValue(0));
const OnOff = v.picklist(["on", "off"]);
const Supply = v.picklist(["power", "network"]);
/** What `status` says, as far as it is named here; `call.at` is where the call is. */
const State = v.pipe(
  v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.null()])),
  v.check((state) => Object.keys(state).length > 0, "must name something"),
);
export type State = v.InferOutput<typeof State>;
const within = { within: v.optional(Duration, "10 s") };
const during = { for: v.optional(Duration, "5 s") };

/** A request of the unit's control socket, without its number. */
const Ask = v.pipe(
  v.looseObject({ do: v.string() }),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = v.safeParse(ControlRequest, { ...dataset.value, id: 0 });
    if (parsed.success) {
      const { id: _, ...ask } = parsed.output;
      return ask;
    }
    for (const issue of parsed.issues)
      addIssue({ message: `${v.getDotPath(issue) ?? "the request"}: ${issue.message}` });
    return NEVER;
  }),
);

/** Each by the key that names it. */
export const STEPS = {
  /** A neighbour calls the unit. */
  call: v.strictObject({ call: Neighbour }),
  /** Asks a unit as `porter` does. */
  ask: v.strictObject({ ask: Ask, of: v.optional(Home, "unit") }),
  /** Somebody speaks in a room; over when the sound is. */
  say: v.strictObject({ say: Words, at: v.optional(Home, "unit") }),
  /** The owner says the wake word and this; people say a thing again, three times in all, until the state is so. */
  command: v.strictObject({ command: Words, until: State }),
  /** A WAV file (16 kHz mono s16) beside the scenario's. */
  play: v.strictObject({ play: v.pipe(v.string(), v.regex(/^[\w-]+\.wav$/)), at: v.optional(Home, "unit") }),
  press: v.strictObject({ press: v.literal("button") }),
  hold: v.strictObject({ hold: v.literal("button") }),
  release: v.strictObject({ release: v.literal("button") }),
  mute: v.strictObject({ mute: OnOff }),
  cut: v.strictObject({ cut: Supply }),
  restore: v.strictObject({ restore: Supply }),
  /** Sets the clock of the unit's machine so much forward from the true time. */
  clock: v.strictObject({ clock: v.pipe(v.string(), v.regex(/^[+-]\d{1,4} (min|h|days)$/, 'must be such as "+3 h"')) }),
  wait: v.strictObject({ wait: Duration }),
  /** Within the time since the last thing that was done, the lights show it. */
  light: v.strictObject({ light: v.picklist(SCENES), ...within }),
  /** The lights show nothing but what they show already, for so long. */
  "no light": v.strictObject({ "no light": v.picklist(["changes"]), ...during }),
  /** The loudspeaker of that home is heard. */
  sound: v.strictObject({ sound: Home, above: v.optional(Dbfs, -45), ...within }),
  /** It is not. */
  silence: v.strictObject({ silence: Home, below: v.optional(Dbfs, -60), ...during }),
  /** Dark, silent, and not a message sent, from the last thing that was done on. */
  nothing: v.strictObject({ nothing: v.literal("happens"), ...during }),
  /** What the unit's gate decided about a call or message that came, by its journal. */
  envelope: v.strictObject({
    envelope: v.strictObject({ act: v.string(), because: v.optional(v.string()) }),
    ...within,
  }),
  state: v.strictObject({ state: State, of: v.optional(Home, "unit"), ...within }),
  /** `porter doctor`, run on the unit, finds nothing wrong but what the target cannot have. */
  doctor: v.strictObject({ doctor: v.literal("well") }),
} as const;
export type StepName = keyof typeof STEPS;
export type Step = { [Name in StepName]: v.InferOutput<(typeof STEPS)[Name]> }[StepName];

export const Head = v.strictObject({
  name: Words,
  about: v.optional(Words),
  /** On which targets it can run; all of them unless told. */
  targets: v.optional(v.pipe(v.array(v.picklist(TARGETS)), v.nonEmpty("must name one")), [...TARGETS]),
  /** Who is in the unit's book, and what they may do. */
  neighbours: v.optional(v.strictObject({ Ana: v.optional(v.array(Grant)), Mallory: v.optional(v.array(Grant)) }), {}),
  steps: v.pipe(v.array(v.looseObject({})), v.nonEmpty("must have a step"), v.maxLength(100)),
});
export type Neighbour = (typeof NEIGHBOURS)[number];
export type HomeName = v.InferOutput<typeof Home>;
