import type { Command } from "commander";
import { examine } from "../doctor/examine.ts";
import type { Finding, Grade } from "../doctor/finding.ts";
import { EXIT, Failure, print, withExamples } from "./cli-unit.ts";

const MARK: Readonly<Record<Grade, string>> = { ok: "ok  ", warn: "WARN", fail: "FAIL" };

/** For installers and owners: what is wrong here, and what to do. It needs no running unit. */
export function addDoctorCommand(program: Command): void {
  withExamples(
    program
      .command("doctor")
      .option("--json", "one JSON object a line")
      .description("look whether all is well with this unit and its machine, and say what to do; ends with 1 if not"),
    "porter doctor",
    "porter doctor --json",
  ).action(async ({ json }: { json?: boolean }) => {
    const { config } = program.opts<{ config?: string }>();
    if (config === undefined) throw new Failure(EXIT.usage, "which unit? Say --config FILE, or set PORTER_CONFIG");
    const count = { ok: 0, warn: 0, fail: 0 };
    for await (const finding of examine(config)) {
      count[finding.grade] += 1;
      print(json === true ? JSON.stringify(finding) : lineOf(finding));
    }
    if (json !== true) print(`${count.ok} fine, ${count.warn} to look at, ${count.fail} wrong`);
    if (count.fail > 0) process.exitCode = EXIT.refused;
  });
}

function lineOf({ what, grade, says, next }: Finding): string {
  return `${MARK[grade]}  ${what}: ${says}${next === null ? "" : `\n      → ${next}`}`;
}
