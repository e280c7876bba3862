import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

const OWNER_ONLY = 0o600;

/**
 * Puts what a small file is to hold on the disk, beside it; the function handed back makes it the file. Whenever the
 * power fails it is the whole of the old one or of the new one. Both throw where the disk refuses.
 */
export function prepareFile(path: string, bytes: Uint8Array): () => void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, "w", OWNER_ONLY);
  try {
    if (writeSync(file, bytes) !== bytes.length) throw new Error(`${temporary} could not be written whole`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return () => {
    renameSync(temporary, path);
    syncFolder(dirname(path));
  };
}

/** What was made, renamed or removed in a folder stays so. */
export function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
