import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { type Chosen, readChoice } from "./choice.ts";
import { EXIT, Failure, print, type Unit, withExamples } from "./cli-unit.ts";
import { askForChoice } from "./import-dialog.ts";
import type { Listed } from "./import-file.ts";
import { asJson, outcomeOf, showListed } from "./import-print.ts";
import type { CardView } from "./import-views.ts";

type Options = { only?: string[]; bringBack?: boolean; another?: boolean; json?: boolean };

/** Contacts from a file. What is stored may do nothing, ever, until the owner grants it. */
export function addImportCommand(program: Command, unit: Unit): void {
  withExamples(
    program
      .command("import")
      .argument("<file>", "contacts as vCard 3.0 or 4.0, such as phones and address books export")
      .option("--only <cards>", "store just these: numbers, ranges or names; may be given again", collect)
      .option("--bring-back", "also whom you deleted before, where --only has their name")
      .option("--another", "also who has the name of somebody in the book, as a person of their own")
      .option("--json", "as JSON")
      .description("list the contacts of a file and store those that you tick; nobody may do anything by it"),
    "porter import contacts.vcf",
    "porter import contacts.vcf --only 1,4-7",
    "porter import contacts.vcf --only Ana --only 'Doe, John'",
    "porter import contacts.vcf --only Dave --bring-back",
    "",
    "A card names a Porter account as IMPP:porter:ID or X-PORTER:ID.",
  ).action((file: string, options: Options) => runImport(unit, file, options));
}

async function runImport(unit: Unit, path: string, options: Options): Promise<void> {
  const { only = [], json = false, bringBack = false } = options;
  if (bringBack && only.length === 0) throw new Failure(EXIT.usage, "whom? --bring-back needs --only with their name");
  const file = await import("./import-file.ts");
  const listed = await file.listFile(unit, path);
  const chosen = only.length > 0 ? chooseOnly(listed, only) : await choose(listed, json);
  if (chosen === null) return;
  const ticked = chosen.flatMap(({ index, byName }) => {
    const card = listed[index]?.card;
    if (card?.ok !== true) return [];
    return [{ ...file.cardOf(card.contact), bringBack: bringBack && byName, another: options.another === true }];
  });
  const views: CardView[] = [];
  try {
    await file.inBatches(ticked, async (cards) => {
      const answer = await unit.ask({ do: "import", cards });
      views.push(...answer.cards);
      return answer.cards;
    });
  } finally {
    // Where the disk refuses some, those before them are stored all the same.
    report(listed, chosen, views, json);
  }
}

function chooseOnly(listed: readonly Listed[], only: readonly string[]): readonly Chosen[] {
  const items = listed.map(({ card }) => (card.ok ? card.contact : null));
  const chosen = new Map<number, Chosen>();
  for (const text of only) {
    const choice = readChoice(text, items);
    if (!choice.ok) throw new Failure(EXIT.usage, choice.why);
    for (const each of choice.chosen) if (each.byName || !chosen.has(each.index)) chosen.set(each.index, each);
  }
  const faulty = [...chosen.values()].find(({ index }) => items[index] === null);
  if (faulty) throw new Failure(EXIT.usage, `card ${faulty.index + 1} cannot be stored: it is faulty`);
  return [...chosen.values()].toSorted((a, b) => a.index - b.index);
}

/** In a terminal the owner is asked; anywhere else nothing was chosen, and nothing is stored. */
async function choose(listed: readonly Listed[], json: boolean): Promise<readonly Chosen[] | null> {
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (json || !isTerminal) {
    print(json ? JSON.stringify({ cards: listed.map((each) => asJson(each)) }) : showListed(listed));
    if (!json) print('\nNothing was stored. Store some of them with --only, such as "--only 1,4-7" or "--only Ana".');
    return null;
  }
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await askForChoice(listed, { ask: (question) => answerTo(lines, question), print });
  } finally {
    lines.close();
  }
}

/** Null where the input is over (Ctrl-D, Ctrl-C). */
function answerTo(lines: ReturnType<typeof createInterface>, question: string): Promise<string | null> {
  return new Promise((resolve) => {
    const over = () => resolve(null);
    lines.once("close", over);
    lines.question(question).then(
      (answer) => {
        lines.off("close", over);
        resolve(answer);
      },
      () => resolve(null),
    );
  });
}

function report(listed: readonly Listed[], chosen: readonly Chosen[], views: readonly CardView[], json: boolean): void {
  const done = chosen.flatMap(({ index }, at) => {
    const [card, view] = [listed[index], views[at]];
    return card && view ? [{ ...card, view }] : [];
  });
  const stored = done.filter(({ view }) => view.outcome === "new" || view.outcome === "more").length;
  if (json) print(JSON.stringify({ stored, cards: done.map((each) => asJson(each)) }));
  else {
    for (const each of done) print(outcomeOf(each, "done"));
    print(`${stored === 1 ? "1 card was" : `${stored} cards were`} stored. Nobody may do anything by it.`);
  }
  const isLeft = done.some(({ view }) => !["new", "more", "known"].includes(view.outcome));
  if (isLeft) process.exitCode = EXIT.refused;
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
