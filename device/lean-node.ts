import { lstatSync } from "node:fs";
import { join } from "node:path";

/**
 * How Node is started for a part of a unit, so that it starts quickly and stays small.
 *
 * - Compiled code is kept in the unit's folder: without it the compiler that strips types is loaded too, at each start
 *   (some 300 ms and 30 MB a process). A folder each, so that neither part can hand the other code; none before the
 *   unit has made its folder, and none where somebody else may have put code there to be run.
 * - Young objects get 2 MB before they are swept (Node's default is 16 MB, three times over), since few of them live.
 * - The brain's code is compiled for speed once it ran ten thousand times, not four hundred: of what a house does now and
 *   then one function after another got there, and memory grew twice as fast for it (`bench -- soak`). The gate is as quick.
 * - A signal opens no debugger (SIGUSR1): whoever could send one and connect to it would hold the keys.
 * - What nobody needs is swept out now and then (base/sweep.ts).
 * - The C library gives freed memory back: by itself it keeps an arena a thread, and of each all that ever was in use,
 *   15 to 25 MB a process, of which ever more was touched with every hour.
 */
export function leanNode(
  part: "brain" | "audio",
  data: string,
): Readonly<{ execArgv: string[]; env: NodeJS.ProcessEnv }> {
  return {
    execArgv: [
      "--max-semi-space-size=2",
      ...(part === "brain" ? SELDOM_COMPILED : []),
      "--expose-gc",
      "--disable-sigusr1",
    ],
    env: { ...SMALL_ARENAS, ...(isOurs(data) && { NODE_COMPILE_CACHE: join(data, "code", part) }) },
  };
}

/** Of V8's two optimising compilers. */
const SELDOM_COMPILED = ["--invocation-count-for-maglev=10000", "--invocation-count-for-turbofan=50000"];

/** mallopt(3). Given thresholds, the two of its own that glibc raises whenever something large is freed, stay put. */
const SMALL_ARENAS = {
  MALLOC_ARENA_MAX: "2",
  MALLOC_TRIM_THRESHOLD_: "131072",
  MALLOC_MMAP_THRESHOLD_: "131072",
} as const;

/** As `exposure` asks of the folder later (keys/keystore.ts): by then this code runs already. */
function isOurs(data: string): boolean {
  const found = lstatSync(data, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o777) === 0o700;
}
