#!/usr/bin/env node
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, Option } from "commander";
import { readConfig } from "../config.ts";
import { DeviceError } from "../errors.ts";
import { leanNode } from "../lean-node.ts";
import { addAudioCommands } from "./cli-audio.ts";
import { addBlockCommands, addPersonCommands } from "./cli-book.ts";
import { addCallCommands, addUnitCommands } from "./cli-calls.ts";
import { addDoctorCommand } from "./cli-doctor.ts";
import { addEvidenceCommands } from "./cli-evidence.ts";
import { addImportCommand } from "./cli-import.ts";
import { addJournalCommands } from "./cli-journal.ts";
import { addMessageCommands } from "./cli-messages.ts";
import { addPinCommands } from "./cli-pin.ts";
import { addRuleCommands } from "./cli-rules.ts";
import { configOf, EXIT, Failure, unitOf, withExamples } from "./cli-unit.ts";
import { addVoiceCommand } from "./cli-voice.ts";
import { addWakeCommands } from "./cli-wake.ts";

/** `porter`: the owner's command line. It does nothing by itself: it asks the unit, through its control socket. */
function makeProgram(): Command {
  const program: Command = new Command("porter");
  program
    .description(
      'Says who may reach this unit\'s owner, and calls for them. Every command asks the running unit, but "start" and those that say that they need none.',
    )
    .addOption(new Option("--config <file>", "the unit's config file").env("PORTER_CONFIG"))
    .addOption(new Option("--as <owner>", "which of the unit's owners; else the first").env("PORTER_AS"))
    .option("--socket <path>", "the unit's control socket, in place of --config")
    .showHelpAfterError("(add --help to see how)")
    .configureHelp({
      showGlobalOptions: true,
      visibleGlobalOptions: (command) => (command === program ? [] : [...program.options]),
    })
    .exitOverride();
  withExamples(
    program,
    "porter start --config ana.json",
    "export PORTER_CONFIG=ana.json",
    "porter person add Ben --account ID --grant ring,message",
    "porter block Mallory",
    "porter journal --limit 20",
  );
  withExamples(
    program.command("start").description("run the unit in the foreground; Ctrl-C ends it"),
    "porter start --config ana.json",
  ).action(() => start(program));
  const unit = unitOf(program);
  addUnitCommands(program, unit);
  addJournalCommands(program, unit);
  addPersonCommands(program, unit);
  addImportCommand(program, unit);
  addBlockCommands(program, unit);
  addRuleCommands(program, unit);
  addCallCommands(program, unit);
  addVoiceCommand(program, unit);
  addPinCommands(program, unit);
  addMessageCommands(program, unit);
  addEvidenceCommands(program, unit);
  addAudioCommands(program);
  addWakeCommands(program, unit);
  addDoctorCommand(program);
  return program;
}

/** Runs the unit in the foreground, passes on what should end it, and ends as it ends. */
async function start(program: Command): Promise<void> {
  const { path } = configOf(program);
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  const read = readConfig(path);
  // A faulty config is the unit's to refuse.
  const { execArgv, env } = leanNode("brain", read.ok ? read.config.data : "");
  const node = [...execArgv, main, "--config", path];
  const unit = spawn(process.execPath, node, { stdio: "inherit", env: { ...process.env, ...env } });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => unit.kill(signal));
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  unit.on("error", reject);
  unit.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
  process.exitCode = await promise;
}

function failWith(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`porter: ${message}\n`);
  if (error instanceof Failure) return error.exitCode;
  return error instanceof DeviceError ? EXIT.unreachable : EXIT.refused;
}

try {
  await makeProgram().parseAsync();
} catch (error) {
  process.exitCode = failWith(error);
}
