import { constants } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { EXIT, Failure } from "./cli-unit.ts";

/** A file of the owner's, as a whole; `maxBytes`: more is never read. */
export async function readWhole(path: string, maxBytes: number): Promise<Buffer> {
  try {
    // A pipe that nobody writes to would be waited for without end.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = await file.stat();
    if (!found.isFile()) throw new Error("it is no file");
    if (found.size > maxBytes) throw new Error(`it has more than ${maxBytes / 1024 / 1024} MiB`);
    return await file.readFile();
  } catch (error) {
    throw new Failure(EXIT.usage, `cannot read ${path}: ${reasonOf(error)}`);
  }
}

/** The file is the owner's alone, and none that is there already is written over; half of it is none. */
export async function writeNew(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, "wx", 0o600).catch((error: unknown) => {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new Failure(
      EXIT.usage,
      isThere ? `${path} is there already: name a new file` : `cannot write a new file ${path}: ${reasonOf(error)}`,
    );
  });
  try {
    await write(file);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
