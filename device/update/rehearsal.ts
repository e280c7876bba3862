import { copyFileSync, linkSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

const FOLDER = "trial";
const KEYS = "keys";
/** Compiled code, which every firmware makes for itself. */
const CODE = "code";
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
    const entries = readdirSync(data, { withFileTypes: true, recursive: true });
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      const copy = join(folder, relative(data, path));
      const isOther = [folder, join(data, CODE)].some((other) => path.startsWith(other + sep));
      if (!entry.isFile() || isOther) continue;
      mkdirSync(dirname(copy), { recursive: true, mode: OWNER_ONLY });
      if (entry.name === KEYS) linkSync(path, copy);
      else copyFileSync(path, copy);
    }
  } catch (error) {
    clear();
    throw error;
  }
  return { folder, [Symbol.dispose]: clear };
}
