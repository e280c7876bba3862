import { copyFileSync, existsSync, linkSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { COPY, DATABASE, MARK, RECORD } from "../store/book-open.ts";

const FOLDER = "trial";
const KEYS = "keys";
const OWNER_ONLY = 0o700;

/**
 * A copy of the unit's data, in which firmware on trial may migrate and write as it likes: whatever becomes of it, the
 * data are those of the firmware that the unit may have to go back to. Nothing from outside reaches a unit on trial, so
 * nothing can be lost with the copy. The keys are not copied but linked: no second copy of a secret reaches the medium.
 * Throws where the disk refuses. Disposing removes it; so does the next one.
 */
export function openRehearsal(data: string): Disposable & { readonly folder: string } {
  const folder = join(data, FOLDER);
  const clear = () => rmSync(folder, { recursive: true, force: true });
  clear();
  mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
  try {
    for (const name of [DATABASE, COPY].flatMap((each) => [each, `${each}-wal`]).concat(RECORD, MARK)) {
      const path = join(data, name);
      if (existsSync(path) && lstatSync(path).isFile()) copyFileSync(path, join(folder, name));
    }
    if (existsSync(join(data, KEYS))) linkSync(join(data, KEYS), join(folder, KEYS));
  } catch (error) {
    clear();
    throw error;
  }
  return { folder, [Symbol.dispose]: clear };
}
