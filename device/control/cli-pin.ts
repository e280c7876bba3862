import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Command } from "commander";
import * as v from "valibot";
import { EXIT, Failure, print, type Unit, withExamples } from "./cli-unit.ts";
import { PinDigits } from "./pin-views.ts";

const STANDING = {
  none: "There is no PIN: the button held is enough.",
  open: "A PIN is set.",
  resting: "A PIN is set; none is taken for a while, because a wrong one was entered.",
  unreadable: 'The PIN cannot be read, so nothing is loosened by voice; "porter pin set" sets it anew.',
} as const;

/** What loosening by voice asks for, beside the voice. */
export function addPinCommands(program: Command, unit: Unit): void {
  const pin = program
    .command("pin")
    .description("a PIN for what is loosened by voice, entered with the unit's button: so many presses a digit");
  withExamples(
    pin.command("show", { isDefault: true }).description("whether there is one, and how often it was tried in vain"),
    "porter pin",
  ).action(async () => {
    const { standing, wrong } = await unit.ask({ do: "pin" });
    print(STANDING[standing]);
    if (wrong > 0) print(`Wrong PINs since the right one: ${wrong}.`);
  });
  withExamples(
    pin.command("set").description("set or change it: it is asked for, or is the first line of the standard input"),
    "porter pin set",
  ).action(async () => {
    const digits = v.safeParse(PinDigits, await readPin());
    if (!digits.success) throw new Failure(EXIT.usage, digits.issues[0].message);
    await unit.ask({ do: "pin-set", digits: digits.output });
    print("The PIN is set. Each digit is so many presses (ten for 0), then a pause; hold the button at the end.");
  });
  withExamples(pin.command("off").description("do without one"), "porter pin off").action(async () => {
    await unit.ask({ do: "pin-off" });
    print("There is no PIN any more: the button held is enough.");
  });
}

/** Not an argument: those are for everybody on the machine to see. */
async function readPin(): Promise<string> {
  const isTerminal = process.stdin.isTTY;
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  if (isTerminal) process.stdout.write("The new PIN: ");
  const lines = createInterface({ input: process.stdin, output: silent, terminal: isTerminal });
  try {
    for await (const line of lines) return line.trim();
    return "";
  } finally {
    lines.close();
    if (isTerminal) process.stdout.write("\n");
  }
}
