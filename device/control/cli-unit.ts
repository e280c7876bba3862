import { join } from "node:path";
import type { Command } from "commander";
import { type Config, readConfig } from "../config.ts";
import { folderNamed, foldersOf } from "../household.ts";
import { type Ask, ControlClient } from "./client.ts";
import type { Answer, ChangeDo, ControlRequest } from "./requests.ts";

/** How the command ends: 1 the unit refused, 2 wrongly called, 3 no unit answered. */
export const EXIT = { refused: 1, usage: 2, unreachable: 3 } as const;

/** What ends the command with a message for people. */
export class Failure extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Requests whose answer says whether anything changed. */
type ChangeAsk = Extract<Ask, { do: ChangeDo }>;
type ControlAsk = Extract<Ask, { do: ControlRequest["do"] }>;

/** The unit that the options `--config` and `--socket` name. */
export interface Unit {
  /** A refusal throws `Failure` with the unit's own words. */
  ask<A extends ControlAsk>(ask: A, withinMs?: number): Promise<Answer<A["do"]>>;
  /** Says which of the two it was; `%` stands for the person. */
  change(ask: ChangeAsk, done: string, already: string): Promise<void>;
}

export function unitOf(program: Command): Unit {
  const ask = async <A extends ControlAsk>(asked: A, withinMs?: number): Promise<Answer<A["do"]>> => {
    await using client = await ControlClient.connect(socketPath(program));
    const reply = await client.ask(asked, withinMs);
    if (!reply.ok) throw new Failure(EXIT.refused, reply.error.message);
    return reply.answer;
  };
  return {
    ask,
    async change(asked, done, already) {
      const { changed, person, back, unsaved } = await ask(asked);
      const typed = "who" in asked ? asked.who : "";
      const name = person === undefined ? typed : `${person.name} (${person.id})`;
      print((changed ? done : already).replace("%", () => name));
      if (unsaved)
        print("The disk refused it, though: it holds until the unit is switched off. Make room on the disk.");
      if (back) print(`${name} was deleted before: you asked for them by name, so they are brought back.`);
      if (changed && person?.blocked && asked.do === "person-add")
        print(`${name} is blocked; "porter unblock ${person.id}" lifts that.`);
    },
  };
}

/** The config that was named, whole and valid. */
export function configOf(program: Command): { path: string; config: Config } {
  const { config: path } = program.opts<{ config?: string }>();
  if (path === undefined) throw new Failure(EXIT.usage, "which unit? Say --config FILE, or set PORTER_CONFIG");
  const read = readConfig(path);
  if (read.ok) return { path, config: read.config };
  throw new Failure(EXIT.usage, ["the config is not valid:", ...read.faults.map((fault) => `  ${fault}`)].join("\n"));
}

function socketPath(program: Command): string {
  const { socket, config, as } = program.opts<{ socket?: string; config?: string; as?: string }>();
  if (socket !== undefined) return socket;
  if (config === undefined) {
    throw new Failure(EXIT.usage, "which unit? Say --config FILE (or set PORTER_CONFIG), or --socket PATH");
  }
  const { config: settings } = configOf(program);
  const folder = folderNamed(settings, as);
  if (folder !== null) return join(folder, "control.sock");
  const names = foldersOf(settings).flatMap(({ name }) => (name === null ? [] : [name]));
  const known = names.length === 0 ? "this unit's config names none" : `they are ${names.join(", ")}`;
  throw new Failure(EXIT.usage, `there is no owner ${as}: ${known}`);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printAs(json: boolean | undefined, value: unknown, text: string): void {
  print(json ? JSON.stringify(value) : text);
}

/** Help that ends with examples. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  return command.addHelpText("after", ["", "Examples:", ...examples.map((each) => `  ${each}`)].join("\n"));
}
