import { type Command, InvalidArgumentError } from "commander";
import { print, printAs, type Unit, withExamples } from "./cli-unit.ts";
import { showJournal, showStatus } from "./print.ts";

/** The unit itself: who it is, how it is, what it has seen. */
export function addUnitCommands(program: Command, unit: Unit): void {
  withExamples(
    program
      .command("id")
      .option("--json", "as JSON")
      .description("show the account id, for others to put in their book"),
    "porter id",
  ).action(async ({ json }: { json?: boolean }) => {
    const answer = await unit.ask({ do: "id" });
    printAs(json, answer, answer.account);
  });
  withExamples(
    program.command("status").option("--json", "as JSON").description("show how the unit is"),
    "porter status",
    "porter status --json",
  ).action(async ({ json }: { json?: boolean }) => {
    const answer = await unit.ask({ do: "status" });
    printAs(json, answer, showStatus(answer));
  });
  withExamples(
    program
      .command("journal")
      .option("--limit <lines>", "how many lines at most, 1 to 200", readLimit, 50)
      .option("--before <id>", "older than this line", readLineId)
      .option("--json", "one JSON object a line")
      .description("show what the gate did and what was changed, newest first"),
    "porter journal --limit 20",
    "porter journal --json --before 118",
  ).action(async ({ limit, before, json }: { limit: number; before?: number; json?: boolean }) => {
    const { lines } = await unit.ask({ do: "journal", limit, ...(before !== undefined && { before }) });
    if (!json) print(showJournal(lines));
    else for (const line of lines) print(JSON.stringify(line));
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

function readLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 200) throw new InvalidArgumentError("It is a number, 1 to 200.");
  return limit;
}

function readLineId(text: string): number {
  const id = Number(text);
  if (!Number.isSafeInteger(id) || id < 1) throw new InvalidArgumentError("It is the id of a line of the journal.");
  return id;
}
