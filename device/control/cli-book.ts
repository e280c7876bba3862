import { type Command, InvalidArgumentError } from "commander";
import { printAs, type Unit, withExamples } from "./cli-unit.ts";
import { showPeople } from "./print.ts";

const GRANTS = ["ring", "message", "announce", "drop-in"] as const;
type Grant = (typeof GRANTS)[number];

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
      .option("--account <id>", "an account of theirs; may be given again", collect, [])
      .option("--alias <name>", "another name for them; may be given again", collect, [])
      .option("--grant <things>", `what they may do: ${GRANTS.join(",")}`, readGrants, [])
      .description("put somebody in the book; being there alone grants nothing"),
    "porter person add Ben --account ID --grant ring,message",
    "porter person add 'Aunt Mary' --alias Mary --account ID",
  ).action(async (name: string, options: { account: string[]; alias: string[]; grant: Grant[] }) => {
    const { account: accounts, alias: aliases, grant: grants } = options;
    await unit.change({ do: "person-add", name, accounts, aliases, grants }, "% is in the book now.", "");
  });
  withExamples(
    person
      .command("account")
      .argument("<person>", "name or id")
      .argument("<account>", "the account id")
      .description("add one more account of somebody's; their grants and blocks cover it"),
    "porter person account Ben ID",
  ).action(async (who: string, account: string) => {
    await unit.change({ do: "person-account", who, account }, "% has this account now.", "% had this account already.");
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
      .description("take somebody out of the book; if they are blocked, their accounts stay blocked"),
    "porter person remove Ben",
  ).action(async (who: string) => {
    await unit.change({ do: "person-remove", who }, "% is no longer in the book.", "");
  });
  addGrantCommands(person, unit);
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
  const who = 'name, id or account; "unknown" is everybody who is not in the book';
  withExamples(
    program.command("block").argument("<who>", who).description("block somebody: nothing of theirs gets through"),
    "porter block Mallory",
    "porter block unknown",
  ).action(async (whom: string) => {
    await unit.change({ do: "block", who: whom }, "% is blocked.", "% was blocked already.");
  });
  withExamples(
    program.command("unblock").argument("<who>", who).description("lift a block"),
    "porter unblock Mallory",
  ).action(async (whom: string) => {
    await unit.change({ do: "unblock", who: whom }, "% is not blocked any more.", "");
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

function collect(value: string, before: readonly string[]): string[] {
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
