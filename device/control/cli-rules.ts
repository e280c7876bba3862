import { type Command, InvalidArgumentError } from "commander";
import { printAs, type Unit, withExamples } from "./cli-unit.ts";
import { showBlocks, showRules } from "./print.ts";
import { WEEK, type WindowText } from "./window-text.ts";

const DAYS = `only on these days: ${WEEK.join(",")}`;

/** When it is quiet, and where the unit stands. */
export function addRuleCommands(program: Command, unit: Unit): void {
  withExamples(
    program
      .command("rules")
      .option("--json", "as JSON")
      .description("show blocks, quiet hours and all that is switched"),
    "porter rules",
  ).action(async ({ json }: { json?: boolean }) => {
    const rules = await unit.ask({ do: "rules" });
    printAs(json, rules, showRules(rules));
  });
  withExamples(
    program.command("blocks").option("--json", "as JSON").description("show whom and what is blocked"),
    "porter blocks",
  ).action(async ({ json }: { json?: boolean }) => {
    const rules = await unit.ask({ do: "rules" });
    printAs(json, rules.blocks, showBlocks(rules));
  });
  addQuietCommands(program, unit);
  withExamples(
    program
      .command("kids")
      .argument("<on|off>", "", readOnOff)
      .description("for a child's unit: whoever has no grant is dropped, never held in Requests"),
    "porter kids on",
  ).action(async (kids: boolean) => {
    const word = kids ? "on" : "off";
    await unit.change({ do: "kids", kids }, `Kids mode is ${word}.`, `Kids mode was ${word} already.`);
  });
  withExamples(
    program
      .command("region")
      .argument("<country>", "two letters, such as GB")
      .description("whose way of writing is meant where a number has no country code"),
    "porter region IT",
  ).action(async (region: string) => {
    await unit.change({ do: "region", region }, "The region is changed.", "That was the region already.");
  });
  withExamples(
    program
      .command("time-zone")
      .argument("<zone>", "an IANA name, such as Europe/London")
      .description("where hours are read off the clock"),
    "porter time-zone Europe/Lisbon",
  ).action(async (timeZone: string) => {
    await unit.change({ do: "time-zone", timeZone }, "The time zone is changed.", "That was the time zone already.");
  });
}

function addQuietCommands(program: Command, unit: Unit): void {
  const quiet = withExamples(
    program.command("quiet").description("hours in which nothing sounds; who calls then is shown afterwards"),
    "porter quiet add 22:00-07:00 --except Mum",
    "porter quiet remove 22:00-07:00",
    "porter quiet clear",
  );
  withExamples(
    quiet
      .command("add")
      .argument("<from-to>", "such as 22:00-07:00; the end is not in it", readSpan)
      .option("--days <days>", DAYS, readDays)
      .option("--except <person>", "who gets through all the same; may be given again", collect)
      .description("add quiet hours; over midnight they belong to the day on which they start"),
    "porter quiet add 22:00-07:00 --days sun,mon,tue,wed,thu --except Mum",
  ).action(async (span: Span, { days, except = [] }: { days?: WindowText["days"]; except?: string[] }) => {
    const done = `It is quiet from ${span.from} to ${span.to}.`;
    await unit.change({ do: "quiet-add", ...span, ...(days && { days }), except }, done, done);
  });
  withExamples(
    quiet
      .command("remove")
      .argument("<from-to>", "as they were added", readSpan)
      .option("--days <days>", DAYS, readDays)
      .description("take one of the quiet hours away"),
    "porter quiet remove 22:00-07:00",
    "porter quiet remove 22:00-07:00 --days sat,sun",
  ).action(async (span: Span, { days }: { days?: WindowText["days"] }) => {
    const done = `It is no longer quiet from ${span.from} to ${span.to}.`;
    await unit.change({ do: "quiet-remove", ...span, ...(days && { days }) }, done, done);
  });
  withExamples(quiet.command("clear").description("take all quiet hours away"), "porter quiet clear").action(
    async () => {
      await unit.change({ do: "quiet-clear" }, "There are no quiet hours any more.", "There were none.");
    },
  );
}

type Span = Readonly<{ from: string; to: string }>;
type Spans = readonly Span[] | "always";

/** When somebody's grant holds. */
export function addHoursCommand(person: Command, unit: Unit): void {
  withExamples(
    person
      .command("hours")
      .argument("<person>", "name or id")
      .argument("<thing>", "ring, message, announce or drop-in", readGrant)
      .argument("<from-to...>", 'such as 17:00-18:00, or "always"', collectSpan)
      .option("--days <days>", DAYS, readDays)
      .description("when a grant holds; outside these hours they may only leave a message"),
    "porter person hours Ben ring 17:00-18:00 --days mon,tue",
    "porter person hours Ben ring always",
  ).action(async (who: string, grant: Grant, spans: Spans, { days }: { days?: WindowText["days"] }) => {
    const windows = spans === "always" ? [] : spans.map((span) => ({ ...span, ...(days && { days }) }));
    const when = spans === "always" ? spans : `from ${spans.map(({ from, to }) => `${from}-${to}`).join(", ")}`;
    await unit.change(
      { do: "person-hours", who, grant, windows },
      `% may ${grant} ${when}, where that is granted.`,
      "That was so already.",
    );
  });
}

const GRANTS = ["ring", "message", "announce", "drop-in"] as const;
type Grant = (typeof GRANTS)[number];

function readGrant(text: string): Grant {
  const grant = GRANTS.find((each) => each === text);
  if (grant === undefined) throw new InvalidArgumentError(`"${text}" is none of ${GRANTS.join(", ")}.`);
  return grant;
}

function readSpan(text: string): Span {
  const [, from = "", to = ""] = /^((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)$/.exec(text) ?? [];
  if (from === "") throw new InvalidArgumentError(`"${text}" is not hours such as 22:00-07:00.`);
  return { from, to };
}

function collectSpan(text: string, before?: Spans): Spans {
  if (before === "always") throw new InvalidArgumentError('"always" stands alone.');
  return text === "always" && before === undefined ? text : [...(before ?? []), readSpan(text)];
}

function readDays(text: string): WindowText["days"] {
  return text.split(",").map((word) => {
    const day = WEEK.find((each) => each === word.trim());
    if (day === undefined) throw new InvalidArgumentError(`"${word}" is none of ${WEEK.join(", ")}.`);
    return day;
  });
}

function readOnOff(text: string): boolean {
  if (text !== "on" && text !== "off") throw new InvalidArgumentError('It is "on" or "off".');
  return text === "on";
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
