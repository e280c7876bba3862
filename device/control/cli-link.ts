import type { Command } from "commander";
import { type Unit, withExamples } from "./cli-unit.ts";

/** What belongs to one person: whatever is linked here is under their grants, and under their blocks. */
export function addLinkCommands(person: Command, unit: Unit): void {
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
    person
      .command("number")
      .argument("<person>", "name or id")
      .argument("<number>", "as people write it")
      .description("add one more number of somebody's; their grants and blocks cover it"),
    "porter person number Ben '020 7946 0018'",
    "porter person number Ben +442079460018",
  ).action(async (who: string, number: string) => {
    await unit.change({ do: "person-number", who, number }, "% has this number now.", "% had this number already.");
  });
  withExamples(
    person
      .command("address")
      .argument("<person>", "name or id")
      .argument("<address>", "such as ana@example.org")
      .description("keep an address of somebody's; nothing is decided by it"),
    "porter person address Ana ana@example.org",
  ).action(async (who: string, address: string) => {
    await unit.change({ do: "person-address", who, address }, "% has this address now.", "% had it already.");
  });
  withExamples(
    person
      .command("alias")
      .argument("<person>", "name or id")
      .argument("<alias>", "one more name")
      .description('one more name to ask for them by; "emergency contact" is whom "call for help" calls'),
    "porter person alias Ana Mum",
    "porter person alias Ana 'emergency contact'",
  ).action(async (who: string, alias: string) => {
    await unit.change({ do: "person-alias", who, alias }, "% goes by that name, too.", "% went by that name already.");
  });
  withExamples(
    person
      .command("unlink")
      .argument("<person>", "name or id")
      .option("--account <id>", "an account that is not theirs any more")
      .option("--number <number>", "a number that is not theirs any more")
      .option("--address <address>", "an address that is not theirs any more")
      .description("take something from somebody; if they are blocked, it stays blocked"),
    "porter person unlink Ben --number '020 7946 0018'",
    "porter person unlink Ben --account ID",
  ).action(async (who: string, what: { account?: string; number?: string; address?: string }) => {
    await unit.change({ do: "person-unlink", who, ...what }, "% has it no longer.", "");
  });
  withExamples(
    person
      .command("merge")
      .argument("<person>", "who becomes a part of the other")
      .argument("<into>", "who stays, with their own grants and hours")
      .description("two entries are one person; if either is blocked, so is the one"),
    "porter person merge 'Ben mobile' Ben",
  ).action(async (who: string, into: string) => {
    await unit.change({ do: "person-merge", who, into }, "It is all % now.", "");
  });
}
