import { type Command, InvalidArgumentError } from "commander";
import type { Sound } from "#device/smp/unit-messages.ts";
import { EXIT, type ExitCode, Failure } from "./exit.ts";
import { Journal, type Step, type Teller } from "./journal.ts";
import { listPorts } from "./ports.ts";
import { writeReport } from "./report.ts";
import { UnitOnLine } from "./unit.ts";

export type UnitOptions = Readonly<{
  port?: string[];
  all?: boolean;
  baud: number;
  json?: boolean;
  log?: string;
  report?: string;
  patience: number;
}>;

/** What a command has for one unit. `number` counts the units from 1. */
export type UnitWork = Readonly<{
  port: string;
  baudRate: number;
  patienceMs: number;
  handMs: number;
  number: number;
  teller: Teller & { readonly steps: readonly Step[] };
  /** Opens the unit's line for as long as `use` takes. */
  unit: <T>(use: (unit: UnitOnLine) => Promise<T>) => Promise<T>;
}>;
/** `answer` is printed with `--json`; `exitCode` where it ended otherwise than well. */
export type Ended = Readonly<{ exitCode?: ExitCode; sound?: Sound | null; answer?: unknown }>;
export type Work = (work: UnitWork) => Promise<Ended>;

const HAND_MS = 20_000;

export function addUnitOptions(command: Command): Command {
  return command
    .option("--port <port>", 'a serial device, or "unix:PATH" for a socket; again for more units', addTo)
    .option("--all", "every port that a unit is likely on")
    .option("--baud <rate>", "how fast the line is", positive, 115_200)
    .option(
      "--patience <seconds>",
      "how long to wait for a line that was lost; five times that for the verdict on a bundle",
      positive,
      60,
    )
    .option("--json", "the result as JSON, a line a unit; nothing for people")
    .option("--log <file>", "add a JSON line to this file for all that is done")
    .option("--report <folder>", "a page and a JSON file for each unit");
}

/** Does one thing to every unit named, all at once; the highest exit code counts. Throws `Failure` where none is named. */
export async function onUnits(command: string, options: UnitOptions, work: Work): Promise<ExitCode> {
  const ports = portsOf(options);
  const journal = new Journal({
    logFile: options.log,
    several: ports.length > 1,
    quiet: options.json === true,
    err: process.stderr,
  });
  const codes = await Promise.all(
    ports.map((port, index) => onUnit(command, options, { port, number: index + 1, teller: journal.for(port) }, work)),
  );
  return codes.toSorted((a, b) => b - a)[0] ?? EXIT.done;
}

async function onUnit(
  command: string,
  { baud: baudRate, patience, json, report }: UnitOptions,
  one: Pick<UnitWork, "port" | "number" | "teller">,
  work: Work,
): Promise<ExitCode> {
  const { port, teller } = one;
  const at = new Date().toISOString();
  const patienceMs = patience * 1_000;
  let failure: string | null = null;
  let ended: Ended = {};
  try {
    ended = await work({
      ...one,
      baudRate,
      patienceMs,
      handMs: HAND_MS,
      async unit(use) {
        await using unit = await UnitOnLine.open(port, baudRate);
        return await use(unit);
      },
    });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    failure = error.message;
    ended = { exitCode: error.exitCode };
    teller.step({ what: command, outcome: "failed", detail: failure });
  }
  const { exitCode = EXIT.done, sound = null, answer } = ended;
  const { steps } = teller;
  if (json === true) print({ port, exitCode, failure, ...(answer === undefined ? {} : { answer }), steps });
  else if (answer !== undefined && command === "status") print(answer);
  if (report !== undefined) writeReport(report, { command, port, at, exitCode, failure, steps, sound });
  return exitCode;
}

function portsOf({ port = [], all }: UnitOptions): readonly string[] {
  const found = all === true ? listPorts().flatMap(({ path, likely }) => (likely ? [path] : [])) : [];
  const ports = [...new Set([...port, ...found])];
  if (ports.length > 0) return ports;
  const why = all === true ? "no port looks like a unit's" : "which unit? Say --port PORT, or --all";
  throw new Failure(EXIT.usage, `${why}; "porter-install list" shows the ports`);
}

function addTo(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= 4_000_000) return value;
  throw new InvalidArgumentError("It is a whole number above 0.");
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
