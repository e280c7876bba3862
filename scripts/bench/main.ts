import { parseArgs } from "node:util";
import { argumentsOf, type Entry } from "./entry.ts";

/** Each is loaded when it is asked for: a benchmark should not carry the others' code and memory. */
const BENCHES: Readonly<Record<string, () => Promise<Entry>>> = {
  all: async () => (await import("./all.ts")).all(BENCHES),
  "barge-in": async () => (await import("./barge-in.ts")).bargeIn,
  call: async () => (await import("./call.ts")).call,
  commands: async () => (await import("./commands.ts")).commands,
  echo: async () => (await import("./echo.ts")).echo,
  frame: async () => (await import("./frame.ts")).frame,
  gate: async () => (await import("./gate.ts")).gate,
  idle: async () => (await import("./idle.ts")).idle,
  indistinguishable: async () => (await import("./indistinguishable.ts")).indistinguishable,
  loss: async () => (await import("./loss.ts")).loss,
  messages: async () => (await import("./messages.ts")).messages,
  soak: async () => (await import("./soak.ts")).soak,
  start: async () => (await import("./start.ts")).start,
  wake: async () => (await import("./wake.ts")).wake,
};

process.exitCode = await main(process.argv.slice(2));

async function main(given: readonly string[]): Promise<number> {
  const [name = "", ...rest] = given;
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (load === undefined) {
    const asked = name === "--help" || name === "-h";
    (asked ? console.log : console.error)(await help());
    return asked ? 0 : 2;
  }
  const entry = await load();
  try {
    const {
      json,
      help: helpAsked,
      ...values
    } = parseArgs({
      args: rest,
      options: { ...argumentsOf(entry.options), json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    }).values;
    if (helpAsked === true) {
      console.log(describe(name, entry));
      return 0;
    }
    const read = entry.read(values);
    if (read.ok) return (await read.run(json === true)) ? 0 : 1;
    console.error(`${read.faults}${describe(name, entry)}`);
  } catch (cause) {
    // Only what was typed wrongly ends here with the help; a benchmark that fails tells where.
    if (!(cause instanceof TypeError) || !("code" in cause)) throw cause;
    console.error(`${cause.message}\n${describe(name, entry)}`);
  }
  return 2;
}

async function help(): Promise<string> {
  const described: string[] = [];
  for (const [name, load] of Object.entries(BENCHES)) described.push(describe(name, await load()));
  return `bench NAME [--json] [options of its own]\n\n${described.join("\n")}`;
}

function describe(name: string, { summary, options }: Entry): string {
  const lines = summary.split("\n").map((line, index) => `${(index === 0 ? name : "").padEnd(18)} ${line}`);
  for (const [option, { value, help: text }] of Object.entries(options))
    lines.push(`  ${`--${option}${value === undefined ? "" : ` ${value}`}`.padEnd(16)} ${text}`);
  return lines.join("\n");
}
