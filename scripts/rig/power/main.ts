import { parseArgs } from "node:util";
import * as v from "valibot";
import { cutAllPower } from "./machine.ts";
import { cutOverAndOver } from "./run.ts";
import { machineLibrary, whatIsMissing } from "./tools.ts";

const USAGE = `usage: npm run rig -- power --cuts N [--seed N] [--jobs N] [--resume] [--control normal|lying-disk] [--out FOLDER]

Cuts the power of a unit in user-mode Linux at random moments while its owner changes the book, messages arrive and
firmware is flashed. After each cut everything that was confirmed must be there, and the unit must start.

  --cuts N        how often
  --seed N        the same draws once more; a new one, unless told
  --jobs N        so many units side by side (default: 1)
  --resume        goes on where the run of this folder ended
  --control WHAT  a unit that must be caught losing: normal (its database asks for synchronous=NORMAL), lying-disk (its
                  disk does not flush)
  --out FOLDER    where summary.json, summary.txt and the disks of what was lost go (default: out/rig/power)
`;

const Whole = v.pipe(v.string(), v.regex(/^\d{1,9}$/, "must be a whole number"), v.transform(Number));
const Arguments = v.strictObject({
  cuts: v.pipe(Whole, v.minValue(1)),
  seed: v.optional(Whole),
  jobs: v.optional(v.pipe(Whole, v.minValue(1), v.maxValue(16)), "1"),
  resume: v.optional(v.boolean(), false),
  control: v.optional(v.picklist(["normal", "lying-disk"])),
  out: v.optional(v.string()),
});

/** `npm run rig -- power …`. Ends with 0 where nothing was lost (a control: where it was), 1 otherwise, 2 for misuse. */
export async function power(args: readonly string[]): Promise<number> {
  const said = read(args);
  if (said === "help") {
    process.stdout.write(USAGE);
    return 0;
  }
  if (typeof said === "string") {
    process.stderr.write(`rig: ${said}\n\n${USAGE}`);
    return 2;
  }
  const missing = whatIsMissing();
  if (missing !== null) {
    process.stderr.write(`rig: ${missing}\n`);
    return 2;
  }
  const { cuts, seed = Math.floor(Math.random() * 1_000_000), jobs, resume, control = null, out } = said;
  const folder = out ?? `out/rig/power${control === null ? "" : `-${control}`}`;
  const tell = (line: string) => process.stdout.write(`${line}\n`);
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.once(signal, () => void cutAllPower().finally(() => process.exit(code)));
  }
  const options = { cuts, seed, jobs, resume, control, folder, library: machineLibrary(), tell };
  const { lost } = await cutOverAndOver(options);
  return lost > 0 === (control !== null) ? 0 : 1;
}

function read(args: readonly string[]): v.InferOutput<typeof Arguments> | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        cuts: { type: "string" },
        seed: { type: "string" },
        jobs: { type: "string" },
        resume: { type: "boolean" },
        control: { type: "string" },
        out: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    const { help = false, ...rest } = values;
    if (help) return "help";
    const parsed = v.safeParse(Arguments, rest);
    return parsed.success ? parsed.output : v.summarize(parsed.issues);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
