import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startGuest } from "./guest.ts";

const USAGE = `usage: node deploy/boot.ts FOLDER [--keep FOLDER] [--memory MB] [--processors N] [--reach-out]

Boots what deploy/image wrote into FOLDER in an emulated machine, its console here. Ctrl-C pulls its plug.

  --keep FOLDER    what the machine writes to its disk is kept there, and found again the next time
  --memory MB      512 unless told
  --processors N   2 unless told
  --reach-out      the machine reaches this one's loopback (as 10.0.2.2) and the network
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      keep: { type: "string" },
      memory: { type: "string" },
      processors: { type: "string" },
      "reach-out": { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
    allowPositionals: true,
  });
  const [image] = positionals;
  if (values.help === true || image === undefined) {
    process.stdout.write(USAGE);
    return values.help === true ? 0 : 2;
  }
  const { keep, memory, processors } = values;
  const folder = keep ?? mkdtempSync(join(tmpdir(), "porter-guest-"));
  const interrupted = new Promise<void>((done) => process.once("SIGINT", () => done()));
  try {
    await using guest = await startGuest({
      image,
      folder,
      ...(memory !== undefined && { memoryMb: Number(memory) }),
      ...(processors !== undefined && { processors: Number(processors) }),
      reachesOut: values["reach-out"] === true,
      onText: (text) => process.stdout.write(text),
    });
    process.stdout.write(`the installer's line: porter-install status --port ${guest.port("installer")}\n`);
    process.stdin.on("data", (typed: Buffer) => guest.console.type(typed.toString("utf8")));
    const over = guest.console.line(/reboot: (Power down|System halted)/, 2 ** 31 - 1).catch(() => undefined);
    await Promise.race([interrupted, over]);
    return 0;
  } finally {
    if (keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`boot: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
process.exit();
