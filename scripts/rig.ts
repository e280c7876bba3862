/** `npm run rig -- COMMAND …`: a command, or scenarios. Each loads what it needs itself. */
const USAGE = `usage: npm run rig -- [SCENARIO …] [--target sim|qemu|arm64|board] [--out FOLDER] [--list]

Plays scenarios (test/scenarios, or files of your own) on a unit; all that the target can play, unless some are named.

  --target NAME   what the unit runs on: sim (default; processes of this machine), qemu (an x86-64 machine in QEMU),
                  arm64 (an ARM one, from a firmware bundle; board and room are simulated in the unit),
                  board (a real unit on its serial line; test/scenarios/README.md says how it is wired)
  --out FOLDER    where FOLDER/TARGET/index.html and junit.xml go (default: out/rig); what was there is replaced
  --list          names the scenarios and plays none
  --help          this

For --target board: --port PORT [--baud N] [--play ALSA] [--record ALSA] [--power-command COMMAND] [--address IP],
or --board FILE with them.

       npm run rig -- boards

Runs the boards' contract (test/contract/board.ts) on GPIO lines of a real kernel, in a machine in QEMU.

       npm run rig -- power --help

Cuts the power of a unit in user-mode Linux.
`;

const LOOK_EVERY_MS = 500;

type Command = (args: readonly string[]) => Promise<number>;
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  boards: async () => (await import("./rig/boards.ts")).boards,
  power: async () => (await import("./rig/power/main.ts")).power,
};

async function main([first, ...rest]: readonly string[]): Promise<number> {
  if (first === "--help" || first === "-h") {
    process.stdout.write(USAGE);
    return 0;
  }
  const load = first !== undefined && Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  if (load) return (await load())(rest);
  const { playScenarios } = await import("./rig/main.ts");
  return playScenarios(first === undefined ? [] : [first, ...rest]);
}

/** npm hands a signal on to its shell alone: where that is gone, an end is wanted. */
function endWithShell(): void {
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, LOOK_EVERY_MS);
  timer.unref();
}

if (process.env.npm_lifecycle_event !== undefined) endWithShell();
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`rig: ${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS") ? 2 : 1;
});
process.exit();
