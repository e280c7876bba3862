import { closeSync, existsSync, fsyncSync, lstatSync, openSync, readdirSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { prepareFile, syncFolder } from "../store/durable-file.ts";

/** Stands in the data folder from when a factory reset was asked for until it is done. */
const ASKED = "reset";
const KEYS = /^keys(\.new)?$/;

/** Durable when it returns; throws where the disk refuses. */
export function askForReset(folder: string): void {
  prepareFile(join(folder, ASKED), Buffer.from("at the next start everything in this folder goes\n"))();
}

export function isResetAsked(folder: string): boolean {
  return existsSync(join(folder, ASKED));
}

/**
 * Empties the data folder where that was asked for: the keys first, since without them the databases are noise, the
 * request last, so that whatever interrupts it, the next start goes on. Links are removed, not followed. True: it did.
 */
export function resetIfAsked(folder: string): boolean {
  if (!isResetAsked(folder)) return false;
  for (const path of keysIn(folder)) {
    overwrite(path);
    rmSync(path, { force: true });
    syncFolder(dirname(path));
  }
  for (const name of readdirSync(folder)) {
    if (name !== ASKED) rmSync(join(folder, name), { recursive: true, force: true });
  }
  syncFolder(folder);
  rmSync(join(folder, ASKED));
  syncFolder(folder);
  return true;
}

/** Those of the other owners of a household lie deeper. Links are not followed. */
function keysIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return keysIn(path);
    return entry.isFile() && KEYS.test(entry.name) ? [path] : [];
  });
}

/** Best effort: flash storage may keep what a file held before. */
function overwrite(path: string): void {
  const { size } = lstatSync(path);
  const file = openSync(path, "r+");
  try {
    writeSync(file, new Uint8Array(size));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
