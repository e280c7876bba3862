import { type Command, InvalidArgumentError } from "commander";
import { verifyExport } from "../store/journal-file.ts";
import { sayReport } from "../store/journal-words.ts";
import { EXIT, Failure, print, printAs, type Unit, withExamples } from "./cli-unit.ts";
import { readWhole, reasonOf, writeNew } from "./files.ts";
import { showJournal, showWhy } from "./print.ts";
import { readAccount, readLimit } from "./read-arguments.ts";

type Listing = Readonly<{ limit: number; before?: number; json?: boolean; verify?: boolean }>;

/** No journal of a unit comes near: 10,000 lines are some 5 MB. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** What the unit remembers of whom it let in and whom it did not; whether that is still what it wrote. */
export function addJournalCommands(program: Command, unit: Unit): void {
  const journal = withExamples(
    program
      .command("journal")
      .option("--limit <lines>", "how many lines at most, 1 to 200", readLimit, 50)
      .option("--before <id>", "older than this line", readLineId)
      .option("--verify", "show instead whether the journal is still what the unit wrote")
      .option("--json", "one JSON object a line")
      .description("show what the gate did and what was changed, newest first"),
    "porter journal --limit 20",
    "porter journal --json --before 118",
    "porter journal --verify",
    "porter journal export journal.jsonl",
  ).action((options: Listing) => (options.verify ? verify(unit, options.json) : list(unit, options)));
  withExamples(
    journal
      .command("export")
      .argument("<file>", "a new file, for your eyes only")
      .description("write the whole journal, signed, so that others can verify it"),
    "porter journal export journal.jsonl",
  ).action((file: string) => exportTo(unit, file));
  withExamples(
    journal
      .command("verify-file")
      .argument("<file>", "what somebody exported")
      .requiredOption("--account <id>", "whose journal it must be", readAccount)
      .description("show whether an exported journal is what that account's unit wrote; needs no unit"),
    "porter journal verify-file journal.jsonl --account ID",
  ).action((file: string, { account }: { account: string }) => verifyFile(file, account));
  withExamples(
    journal
      .command("forget")
      .argument("<who>", "name, id or account")
      .description("delete what the journal says of somebody; the rest can be verified still"),
    "porter journal forget Mallory",
  ).action(async (who: string) => {
    const { lines } = await unit.ask({ do: "journal-forget", who });
    print(lines === 1 ? "1 line was forgotten." : `${lines} lines were forgotten.`);
  });
  addWhyCommand(program, unit);
}

function addWhyCommand(program: Command, unit: Unit): void {
  withExamples(
    program
      .command("why")
      .option("--limit <calls>", "how many calls at most, 1 to 200", readLimit, 5)
      .option("--json", "as JSON")
      .description("say why the last calls did not ring"),
    "porter why",
    "porter why --limit 20",
  ).action(async ({ limit, json }: { limit: number; json?: boolean }) => {
    const { calls } = await unit.ask({ do: "why", limit });
    printAs(json, calls, showWhy(calls));
  });
}

async function list(unit: Unit, { limit, before, json }: Listing): Promise<void> {
  const { lines } = await unit.ask({ do: "journal", limit, ...(before !== undefined && { before }) });
  if (!json) print(showJournal(lines));
  else for (const line of lines) print(JSON.stringify(line));
}

async function verify(unit: Unit, json: boolean | undefined): Promise<void> {
  const answer = await unit.ask({ do: "journal-verify" });
  printAs(json, answer, answer.says.join("\n"));
  if (!answer.holds) process.exitCode = EXIT.refused;
}

async function exportTo(unit: Unit, path: string): Promise<void> {
  await writeNew(path, async (file) => {
    let called: string | undefined;
    for (let part = 0, parts = 1; part < parts; part += 1) {
      const answer = await unit.ask({ do: "journal-export", part, ...(called !== undefined && { export: called }) });
      await file.writeFile(answer.text);
      called = answer.export;
      parts = answer.parts;
    }
  });
  const { account } = await unit.ask({ do: "id" });
  print(`The journal is in ${path}. Anybody can verify it:`);
  print(`  porter journal verify-file ${path} --account ${account}`);
}

async function verifyFile(path: string, account: string): Promise<void> {
  const verified = verifyExport(await readText(path), account);
  if (!verified.read) throw new Failure(EXIT.refused, `${path} proves nothing: ${verified.why}`);
  const { report, before, exportedAtMs } = verified;
  print(`A unit of this account signed this file at ${new Date(exportedAtMs).toISOString()}.`);
  for (const line of sayReport(report)) print(line);
  if (before > 0) print(`${before} of its lines are older than the chain: only the file's signature stands for them.`);
  if (!report.holds) process.exitCode = EXIT.refused;
}

async function readText(path: string): Promise<string> {
  const bytes = await readWhole(path, MAX_FILE_BYTES);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Failure(EXIT.usage, `cannot read ${path}: ${reasonOf(error)}`);
  }
}

function readLineId(text: string): number {
  const id = Number(text);
  if (!Number.isSafeInteger(id) || id < 1) throw new InvalidArgumentError("It is the id of a line of the journal.");
  return id;
}
