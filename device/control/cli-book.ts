import { type Command, InvalidArgumentError } from "commander";
import { addLinkCommands } from "./cli-link.ts";
import { addHoursCommand } from "./cli-rules.ts";
import { printAs, type Unit, withExamples } from "./cli-unit.ts";
import { showPeople } from "./print.ts";

const GRANTS = ["ring", "message", "announce", "drop-in"] as const;
type Grant = (typeof GRANTS)[number];

type Added = { account?: string[]; number?: string[]; address?: string[]; alias?: string[]; grant?: Grant[] };

/** Who is in the book, and what they may do. */
export function addPersonCommands(program: Command, unit: Unit): void {
  const person = withExamples(
    program.command("person").description("who is in the book, and what they may do"),
    "porter person add Ben --account ID --grant ring,message",
    "porter person list",
  );
  withExamples(
    person
      .command("add")
      .argument("<name>", "as you say it")
      .option("--account <id>", "an account of theirs; may be given again", collect)
      .option("--number <number>", "a number of theirs, as people write it; may be given again", collect)
      .option("--address <address>", "an address of theirs; may be given again", collect)
      .option("--alias <name>", "another name for them; may be given again", collect)
      .option("--grant <things>", `what they may do: ${GRANTS.join(",")}`, readGrants)
      .description("put somebody in the book; being there alone grants nothing"),
    "porter person add Ben --account ID --grant ring,message",
    "porter person add 'Aunt Mary' --alias Mary --account ID",
  ).action(async (name: string, options: Added) => {
    const { account = [], number = [], address = [], alias = [], grant = [] } = options;
    const sets = { accounts: account, numbers: number, addresses: address, aliases: alias, grants: grant };
    const asked = { do: "person-add", name, ...sets } as const;
    await unit.change(asked, "% is in the book now.", "");
  });
  withExamples(
    person.command("list").option("--json", "as JSON").description("show everybody in the book"),
    "porter person list",
    "porter person list --json",
  ).action(async ({ json }: { json?: boolean }) => {
    const { people } = await unit.ask({ do: "person-list" });
    printAs(json, people, showPeople(people));
  });
  withExamples(
    person
      .command("remove")
      .argument("<person>", "name or id")
      .description("take somebody out of the book and forget them; if they are blocked, they stay blocked"),
    "porter person remove Ben",
  ).action(async (who: string) => {
    await unit.change({ do: "person-remove", who }, "% is no longer in the book.", "");
  });
  addGrantCommands(person, unit);
  addHoursCommand(person, unit);
  addLinkCommands(person, unit);
}

function addGrantCommands(person: Command, unit: Unit): void {
  withExamples(
    person
      .command("grant")
      .argument("<person>", "name or id")
      .argument("<things>", `what they may do: ${GRANTS.join(",")}`, readGrants)
      .description("let somebody do something"),
    "porter person grant Ben ring,message",
  ).action(async (who: string, grants: Grant[]) => {
    const done = `% may ${grants.join(" and ")} now.`;
    await unit.change({ do: "person-grant", who, grants }, done, `% might ${grants.join(" and ")} already.`);
  });
  withExamples(
    person
      .command("revoke")
      .argument("<person>", "name or id")
      .argument("<things>", `what they may no longer do: ${GRANTS.join(",")}`, readGrants)
      .description("no longer let somebody do something"),
    "porter person revoke Ben ring",
  ).action(async (who: string, grants: Grant[]) => {
    await unit.change({ do: "person-revoke", who, grants }, `% may not ${grants.join(" or ")} any more.`, "");
  });
}

/** What keeps people out. */
export function addBlockCommands(program: Command, unit: Unit): void {
  const who =
    'name, id, account or number; "unknown" is everybody who is not in the book, "withheld" whoever hides their number';
  withExamples(
    program
      .command("block")
      .argument("<who>", who)
      .option("--prefix", "every number that begins like this")
      .description("block somebody: nothing of theirs gets through"),
    "porter block Mallory",
    "porter block '07700 900123'",
    "porter block --prefix '+44 909'",
    "porter block unknown",
    "porter block withheld",
  ).action(async (whom: string, { prefix }: { prefix?: boolean }) => {
    const asked = { do: "block", who: whom, ...(prefix && { as: "prefix" as const }) } as const;
    const called = nameOf(whom, prefix);
    await unit.change(asked, `${called} is blocked.`, `${called} was blocked already.`);
  });
  withExamples(
    program
      .command("unblock")
      .argument("<who>", who)
      .option("--prefix", "a prefix that was blocked")
      .description("lift a block"),
    "porter unblock Mallory",
    "porter unblock '07700 900123'",
    "porter unblock --prefix '+44 909'",
  ).action(async (whom: string, { prefix }: { prefix?: boolean }) => {
    const asked = { do: "unblock", who: whom, ...(prefix && { as: "prefix" as const }) } as const;
    await unit.change(asked, `${nameOf(whom, prefix)} is not blocked any more.`, "");
  });
  withExamples(
    program
      .command("calling")
      .argument("<on|off>", "", readOnOff)
      .description("switch calling as a whole; off means that nothing gets through"),
    "porter calling off",
  ).action(async (calling: "on" | "off") => {
    await unit.change({ do: "calling", calling }, `Calling is ${calling}.`, `Calling was ${calling} already.`);
  });
  withExamples(
    program
      .command("unknown")
      .argument("<hold|drop>", "", readHoldDrop)
      .description("what becomes of callers without a grant: held in Requests, or dropped; they never ring"),
    "porter unknown drop",
  ).action(async (unknown: "hold" | "drop") => {
    const what = unknown === "hold" ? "held in Requests" : "dropped";
    await unit.change({ do: "unknown", unknown }, `Unknown callers are ${what}.`, `They were ${what} already.`);
  });
}

/** What an answer calls whoever was named; `%` stands for the person. */
function nameOf(whom: string, prefix: boolean | undefined): string {
  if (prefix === true) return "Every number that begins like %";
  if (whom === "unknown") return "Whoever is not in the book";
  return whom === "withheld" ? "Whoever hides their number" : "%";
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function readGrants(text: string): Grant[] {
  return text.split(",").map((word) => {
    const grant = GRANTS.find((each) => each === word.trim());
    if (grant === undefined) throw new InvalidArgumentError(`"${word}" is none of ${GRANTS.join(", ")}.`);
    return grant;
  });
}

function readOnOff(text: string): "on" | "off" {
  if (text !== "on" && text !== "off") throw new InvalidArgumentError('It is "on" or "off".');
  return text;
}

function readHoldDrop(text: string): "hold" | "drop" {
  if (text !== "hold" && text !== "drop") throw new InvalidArgumentError('It is "hold" or "drop".');
  return text;
}
