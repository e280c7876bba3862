/** `npm run rig -- COMMAND …`: each command loads what it needs itself. Add one here, with its line in USAGE. */
const USAGE = `usage: npm run rig -- COMMAND …

  --help   this
`;

type Command = (args: readonly string[]) => Promise<number>;
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  // power: async () => (await import("./rig/power/main.ts")).power,
};

async function main([first, ...rest]: readonly string[]): Promise<number> {
  if (first === undefined || first === "--help" || first === "-h") {
    process.stdout.write(USAGE);
    return first === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  if (load) return (await load())(rest);
  process.stderr.write(`rig: there is no command "${first}"\n${USAGE}`);
  return 2;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`rig: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
process.exit();
