import { readBookFile } from "./gate/book-file.ts";
import { judgeFile } from "./gate/judge.ts";

const USAGE = `gate BOOK.json CASES.jsonl

Asks the real gate what each case may do under this book: one line of JSON each. Nothing of a unit is started.
BOOK.json and CASES.jsonl are described in test/gate-cases/README.md.`;

// Whoever reads may have seen enough.
process.stdout.on("error", () => process.exit(0));
process.exitCode = await main(process.argv.slice(2));

/** 0: every case was judged; 2: it was asked for wrongly, or the book or a case is malformed. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(USAGE);
    return 0;
  }
  const [bookFile, casesFile, ...rest] = args;
  if (bookFile === undefined || casesFile === undefined || rest.length > 0) {
    console.error(USAGE);
    return 2;
  }
  try {
    const book = await readBookFile(bookFile);
    for await (const answer of judgeFile(book, casesFile)) console.log(JSON.stringify(answer));
    return 0;
  } catch (error) {
    console.error(`gate: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
}
