import { parseArgs } from "node:util";
import * as v from "valibot";
import { benchGate } from "./gate.ts";
import { benchIndistinguishable, LEAKS } from "./indistinguishable.ts";
import { benchMessages } from "./messages.ts";
import { print } from "./report.ts";

const HELP = `bench NAME [--json]

gate               how long a decision takes, at up to a million people and blocks
messages           what messages cost to seal and open, and 10,000 of them to keep, load and list
indistinguishable  can a caller tell why a call goes nowhere? Fails where she can, or where a leak is not found out
                   (about six minutes)
  --trials N       calls to each of the six callees (1000); the leaking hubs get 50
  --seed N         of the order and the moments of the calls
  --ring-back MS   how long a caller's unit rings back (700)
  --lanes N        groups of six callers and six callees, at once (6)
  --leak LEAK      only a hub that leaks whether the callee's unit is connected: ${LEAKS.join(" or ")}; must fail
  --control        only the leaking hubs; fails where one is not found out`;

const Natural = (least: number, most: number) =>
  v.pipe(v.string(), v.transform(Number), v.integer("not a whole number"), v.minValue(least), v.maxValue(most));
const Options = v.object({
  json: v.boolean(),
  trials: Natural(12, 10_000),
  seed: Natural(0, 2 ** 32 - 1),
  "ring-back": Natural(400, 300_000),
  lanes: Natural(1, 16),
  leak: v.optional(v.picklist(LEAKS)),
  control: v.boolean(),
});

/** True where it passed. */
async function run(name: string, options: v.InferOutput<typeof Options>): Promise<boolean | null> {
  const { json, trials, seed, lanes, leak = null, control: controlOnly } = options;
  switch (name) {
    case "gate":
      // A missed budget is told, not punished: the machine may have been busy.
      print(await benchGate(), json);
      return true;
    case "messages":
      print(await benchMessages(), json);
      return true;
    case "indistinguishable":
      return benchIndistinguishable({ trials, seed, ringBackMs: options["ring-back"], lanes, leak, controlOnly, json });
    default:
      return null;
  }
}

type Asked =
  | Readonly<{ name: string; options: v.InferOutput<typeof Options> }>
  | Readonly<{ help: true }>
  | Readonly<{ fault: string }>;

function parsed(): Asked {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        trials: { type: "string", default: "1000" },
        seed: { type: "string", default: String(Date.now() % 1_000_000) },
        "ring-back": { type: "string", default: "700" },
        lanes: { type: "string", default: "6" },
        leak: { type: "string" },
        control: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return { help: true };
    const options = v.safeParse(Options, values);
    if (options.success && positionals.length === 1) return { name: positionals[0] ?? "", options: options.output };
    const faults = options.issues?.map((issue) => `--${v.getDotPath(issue) ?? ""}: ${issue.message}\n`) ?? [];
    return { fault: faults.join("") };
  } catch (error) {
    return { fault: `${error instanceof Error ? error.message : String(error)}\n` };
  }
}

const asked = parsed();
const passed = "name" in asked ? await run(asked.name, asked.options) : null;
if ("help" in asked) {
  console.log(HELP);
} else if (passed === null) {
  console.error(`${"fault" in asked ? asked.fault : ""}${HELP}`);
  process.exitCode = 2;
} else {
  process.exitCode = passed ? 0 : 1;
}
