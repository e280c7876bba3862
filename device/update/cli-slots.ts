import { createHash } from "node:crypto";
import { createReadStream, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { realDisk } from "./disk.ts";
import { BUNDLE, firstWrong, type Installed, install } from "./install.ts";
import type { Refused } from "./refusal.ts";
import { Slots } from "./slots.ts";
import { openUpdates } from "./updates.ts";

const PIECE_BYTES = 1_048_576;

type Where = Readonly<{ root: string }>;

/** What works on a unit's firmware folder itself: on the unit, or where its image is made. */
export function addUnitCommands(program: Command): void {
  program
    .command("install <file>")
    .description("put a bundle into the slot that is not running; the next start tries it")
    .requiredOption("--root <folder>", "the unit's firmware folder, with its trust.json")
    .option("--first", "into a folder that has no firmware yet: it counts as confirmed")
    .action(async (file: string, { root, first = false }: Where & { first?: boolean }) => {
      const verdict = await (first ? putFirst(file, resolve(root)) : put(file, resolve(root)));
      if (!verdict.ok) throw new Error(`refused, ${verdict.reason}: ${verdict.sentence}`);
      process.stdout.write(`${verdict.version} (counter ${verdict.counter}) lies in slot ${verdict.slot}\n`);
    });
  program
    .command("status")
    .description("show a unit's slots as JSON")
    .requiredOption("--root <folder>", "the unit's firmware folder")
    .option("--check", "read every file of both slots back, too")
    .action(status);
}

function status({ root, check = false }: Where & { check?: boolean }): void {
  const slots = new Slots(realDisk, resolve(root));
  const state = slots.state();
  if (!state) throw new Error(`nothing in ${root} can be started: put a bundle in with porter-bundle install --first`);
  process.stdout.write(`${JSON.stringify(state, null, 1)}\n`);
  for (const slot of check ? (["a", "b"] as const) : []) {
    const manifest = state.slots[slot] && slots.manifestIn(slot);
    const wrong = manifest && firstWrong(realDisk, slots.folderOf(slot), manifest);
    process.stdout.write(`slot ${slot}: ${manifest ? (wrong ?? "every file is as it was signed") : "empty"}\n`);
    if (typeof wrong === "string") process.exitCode = 1;
  }
}

/** As a unit takes it from a line: judged as it comes, from where an earlier attempt ended. */
async function put(file: string, root: string): Promise<Installed | Refused> {
  const updates = openUpdates(root);
  const sha256 = createHash("sha256");
  let bytes = 0;
  for await (const piece of pieces(file)) {
    sha256.update(piece);
    bytes += piece.length;
  }
  let taken = updates.open(bytes, sha256.digest("hex"));
  if (!taken.ok) return taken;
  for await (const piece of pieces(file, taken.offset)) {
    taken = updates.write(taken.offset, piece);
    if (!taken.ok) return taken;
  }
  const verdict = await updates.finish();
  if (!verdict.ok) return verdict;
  const tried = updates.activate();
  return tried.ok ? verdict : tried;
}

async function putFirst(file: string, root: string): Promise<Installed | Refused> {
  mkdirSync(join(root, "incoming"), { recursive: true });
  let at = 0;
  realDisk.remove(join(root, BUNDLE));
  for await (const piece of pieces(file)) {
    realDisk.writeAt(join(root, BUNDLE), at, piece);
    at += piece.length;
  }
  return install(realDisk, root, true);
}

async function* pieces(file: string, start = 0): AsyncGenerator<Uint8Array> {
  for await (const piece of createReadStream(file, { start, highWaterMark: PIECE_BYTES })) yield piece as Uint8Array;
}
