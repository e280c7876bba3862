import type { Command } from "commander";
import { EXIT, Failure, print, printAs, type Unit, withExamples } from "./cli-unit.ts";
import { readWhole, writeNew } from "./files.ts";
import { printable, showEvidence } from "./print.ts";
import { readAccount, readMessageLimit, readMessageName } from "./read-arguments.ts";

type Listing = Readonly<{ limit: number; person?: string; json?: boolean }>;
type Exporting = Readonly<{ person?: string; message?: string[]; json?: boolean }>;
type Verifying = Readonly<{ account?: string; json?: boolean }>;

/** What people left, to be shown to others: to a solicitor, the police, a court. */
export function addEvidenceCommands(program: Command, unit: Unit): void {
  const evidence = withExamples(
    program.command("evidence").description("keep messages as evidence, hand them on, and verify what was handed on"),
    "porter evidence list --person Mallory",
    "porter evidence export mallory.tar --person Mallory",
    "porter evidence verify mallory.tar --account ID",
  );
  withExamples(
    evidence
      .command("list")
      .option("--limit <messages>", "how many at most, 1 to 100", readMessageLimit, 50)
      .option("--person <who>", "all that is kept of somebody (name, id or account), shown elsewhere or not")
      .option("--json", "as JSON")
      .description("show what is kept as evidence, newest first"),
    "porter evidence list",
    "porter evidence list --person Mallory",
  ).action(async ({ limit, person, json }: Listing) => {
    const answer = await unit.ask({ do: "evidence-list", limit, ...(person !== undefined && { who: person }) });
    printAs(json, answer, showEvidence(answer));
  });
  withExamples(
    evidence
      .command("keep")
      .argument("<id>", "as a list shows it", readMessageName)
      .description("keep a message as evidence: it is shown no more, and stays until you delete it"),
    "porter evidence keep 3f9a2c01",
  ).action(async (message: string) => {
    await unit.ask({ do: "evidence-keep", message });
    print("It is kept as evidence.");
  });
  withExamples(
    evidence
      .command("export")
      .argument("<file>", "a new file (.tar)")
      .option("--person <who>", "all that is kept of somebody: name, id or account")
      .option("--message <id>", "this message; may be given again", collect)
      .option("--json", "as JSON")
      .description("write what is kept as evidence, or what you name, to a file that anybody can verify"),
    "porter evidence export evidence.tar",
    "porter evidence export mallory.tar --person Mallory",
    "porter evidence export two.tar --message 3f9a2c01 --message 77d0c5e2",
  ).action((file: string, options: Exporting) => exportTo(unit, file, options));
  withExamples(
    evidence
      .command("verify")
      .argument("<file>", "what somebody exported")
      .option("--account <id>", "whose unit it must be from", readAccount)
      .option("--json", "as JSON")
      .description("show what a file of evidence proves, and what it does not; needs no unit"),
    "porter evidence verify mallory.tar --account ID",
  ).action((file: string, options: Verifying) => verify(file, options));
}

async function exportTo(unit: Unit, path: string, { person, message = [], json }: Exporting): Promise<void> {
  const begin = { do: "evidence-export", messages: message, ...(person !== undefined && { who: person }) } as const;
  const begun = await unit.ask(begin);
  const { export: called, messages, names } = begun;
  await writeNew(path, async (file) => {
    for (let piece = 0, isLast = false; !isLast; piece += 1) {
      const answer = await unit.ask({ do: "evidence-piece", export: called, piece });
      await file.writeFile(Buffer.from(answer.data, "base64"));
      isLast = answer.last;
    }
  });
  const { account } = await unit.ask({ do: "id" });
  const named = names.length === 0 ? "" : `the names ${names.map(printable).join(", ")} from your book, `;
  const said = [
    `${messages === 1 ? "1 message is" : `${messages} messages are`} in ${path}. The file also has ${named}the account ids,`,
    "when they came, and what your journal has of these people's calls and messages and of their being blocked.",
    "README.txt in it says what it proves, what it does not, and how to verify it by hand. Or:",
    `  porter evidence verify ${path} --account ${account}`,
  ];
  printAs(json, { file: path, account, messages, names }, said.join("\n"));
}

async function verify(path: string, { account, json }: Verifying): Promise<void> {
  const [{ verifyEvidence }, { sayEvidence }, { MAX_ARCHIVE_BYTES }] = await Promise.all([
    import("../evidence/verify.ts"),
    import("../evidence/words.ts"),
    import("../evidence/layout.ts"),
  ]);
  const report = verifyEvidence(await readWhole(path, MAX_ARCHIVE_BYTES), account ?? null);
  if (!report.read) {
    if (json) print(JSON.stringify(report));
    throw new Failure(EXIT.refused, `${path} proves nothing: ${printable(report.why)}`);
  }
  const lines = sayEvidence(report, account !== undefined).map(printable);
  printAs(json, report, lines.join("\n"));
  if (!report.holds) process.exitCode = EXIT.refused;
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, readMessageName(value)];
}
