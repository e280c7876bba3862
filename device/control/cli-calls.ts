import type { Command } from "commander";
import { fingerprintOf } from "../smp/fingerprint.ts";
import { print, printAs, type Unit, withExamples } from "./cli-unit.ts";
import { showCalls, showStatus } from "./print.ts";
import { readLimit } from "./read-arguments.ts";

/** The unit itself: who it is, how it is, what it has seen. */
export function addUnitCommands(program: Command, unit: Unit): void {
  withExamples(
    program
      .command("id")
      .option("--fingerprint", "its fingerprint instead: six groups of digits, to compare by eye or aloud")
      .option("--json", "as JSON")
      .description("show the account id, for others to put in their book"),
    "porter id",
    "porter id --fingerprint",
  ).action(async (options: { fingerprint?: boolean; json?: boolean }) => {
    const answer = await unit.ask({ do: "id" });
    const fingerprint = fingerprintOf(answer.account);
    printAs(options.json, { ...answer, fingerprint }, options.fingerprint ? fingerprint : answer.account);
  });
  withExamples(
    program.command("status").option("--json", "as JSON").description("show how the unit is"),
    "porter status",
    "porter status --json",
  ).action(async ({ json }: { json?: boolean }) => {
    const answer = await unit.ask({ do: "status" });
    printAs(json, answer, showStatus(answer));
  });
  withExamples(program.command("stop").description("end the unit"), "porter stop").action(async () => {
    await unit.ask({ do: "stop" });
    print("The unit ends.");
  });
}

/** Calls, as the button and the voice make them. */
export function addCallCommands(program: Command, unit: Unit): void {
  withExamples(
    program.command("call").argument("<person>", "name or id").description("call somebody in the book"),
    "porter call Ben",
  ).action(async (who: string) => {
    const { person } = await unit.ask({ do: "call", who });
    print(`Calling ${person.name}.`);
  });
  withExamples(
    program
      .command("calls")
      .option("--limit <calls>", "how many at most, 1 to 200", readLimit, 50)
      .option("--json", "as JSON")
      .description("show the calls there were, newest first; the light of those that were missed goes out"),
    "porter calls",
    "porter calls --json",
  ).action(async ({ limit, json }: { limit: number; json?: boolean }) => {
    const answer = await unit.ask({ do: "calls", limit });
    printAs(json, answer, showCalls(answer));
  });
  withExamples(program.command("answer").description("answer the call that rings"), "porter answer").action(
    async () => {
      await unit.ask({ do: "answer" });
      print("Answered.");
    },
  );
  withExamples(program.command("hang-up").description("end the call, or give up calling"), "porter hang-up").action(
    async () => {
      await unit.ask({ do: "hang-up" });
      print("Hung up.");
    },
  );
}
