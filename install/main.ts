#!/usr/bin/env node
import { createInterface } from "node:readline/promises";
import { Command, CommanderError } from "commander";
import { type AskPerson, check } from "./check.ts";
import { addFlash } from "./cli-flash.ts";
import { EXIT, type ExitCode, Failure } from "./exit.ts";
import { handOver, reset } from "./handover.ts";
import { listPorts } from "./ports.ts";
import { provision, type Said, settingsOf } from "./provision.ts";
import { addUnitOptions, onUnits, type UnitOptions, type Work } from "./units.ts";

/** `porter-install`: what an installer does to a unit over its serial line, from the first firmware to the handover. */

const EXITS = `
Exit codes (of several units, the highest):
  0  done                          4  the bundle is not fit for this unit
  1  the unit refused              5  a check failed
  2  wrongly called                6  the line was lost: run the same command again
  3  no unit answers on the port   7  the unit went back to its former firmware`;

function makeProgram(): Command {
  const program = new Command("porter-install");
  program
    .description("Flashes, provisions and checks units over their serial lines, and hands them over.")
    .showHelpAfterError("(add --help to see how)")
    .addHelpText("after", EXITS)
    .exitOverride();
  program
    .command("list")
    .description("the serial ports of this machine, those that a unit may be on first")
    .option("--json", "as JSON")
    .action(list);
  addUnitOptions(program.command("status").description("what a unit says of itself")).action((options: UnitOptions) =>
    run("status", options, ({ unit }) => unit(async (on) => ({ answer: await on.status() }))),
  );
  addFlash(program);
  addProvision(program);
  addUnitOptions(program.command("check").description("sound, lights, button, mute switch, network"))
    .option("--yes", "ask nobody: what only a person can see is shown and not judged")
    .action((options: UnitOptions & { yes?: boolean }) => runCheck(options));
  addUnitOptions(
    program.command("handover").description("end the installer's rights, and try what must be refused from now on"),
  ).action((options: UnitOptions) =>
    run("handover", options, async (work) => {
      await handOver(work, work.teller);
      return {};
    }),
  );
  addUnitOptions(
    program.command("reset").description("take everything off that the last owner had; after handover hold the button"),
  ).action((options: UnitOptions) =>
    run("reset", options, async (work) => {
      await reset(work, work.teller);
      return {};
    }),
  );
  return program;
}

function addProvision(program: Command): void {
  addUnitOptions(program.command("provision").description("tell a unit its name, place and hub; its keys are its own"))
    .option("--settings <file>", "all of it as JSON; what is said beside it counts more")
    .option("--name <name>", 'what the unit is called; "{n}" is its number of several')
    .option("--region <code>", "the country whose writing of numbers is meant, such as GB")
    .option("--time-zone <zone>", "such as Europe/London")
    .option("--hub-name <name>", "the hub's name")
    .option("--mqtt-url <url>", "the hub's broker, such as mqtts://hub.example:8883")
    .option("--http-url <url>", "the hub's service, such as https://hub.example")
    .option("--invitation <text>", "shown to the hub once")
    .option("--board <name>", "refuse a unit with another board")
    .action((options: UnitOptions & Said) =>
      run("provision", options, async (work) => {
        await provision(work, settingsOf(options, work.number), work.teller);
        return {};
      }),
    );
}

function list({ json }: { json?: boolean }): void {
  const ports = listPorts();
  const lines = ports.map(({ path, what, likely }) => `${likely ? "likely " : "       "} ${path}  ${what}`);
  const text = lines.length === 0 ? "no serial port: is the cable plugged in?" : lines.join("\n");
  process.stdout.write(`${json === true ? JSON.stringify(ports) : text}\n`);
}

async function runCheck(options: UnitOptions & { yes?: boolean }): Promise<void> {
  const mayAsk = options.yes !== true && process.stdin.isTTY && options.port?.length === 1;
  const ask: AskPerson = mayAsk ? askPerson : null;
  await run("check", options, async (work) => {
    const { status, sound, network } = await check({ ...work, ask });
    const hasFailed = work.teller.steps.some(({ outcome }) => outcome === "failed");
    return { sound, answer: { status, sound, network }, ...(hasFailed && { exitCode: EXIT.check }) };
  });
}

async function askPerson(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y/i.test(await lines.question(`${question} [y/n] `));
  } finally {
    lines.close();
  }
}

async function run(command: string, options: UnitOptions, work: Work): Promise<void> {
  process.exitCode = await onUnits(command, options, work);
}

function codeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  process.stderr.write(`porter-install: ${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof Failure ? error.exitCode : EXIT.refused;
}

try {
  await makeProgram().parseAsync();
} catch (error) {
  process.exitCode = codeOf(error);
}
