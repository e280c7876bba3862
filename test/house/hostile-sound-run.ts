import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { HostileCounts } from "./hostile-sound-process.ts";

const PROCESS = fileURLToPath(new URL("./hostile-sound-process.ts", import.meta.url));
/** So many files share a process: where it dies, this many seeds are to be looked through. */
const FILES_A_PROCESS = 2_000;

export type HostileRun = HostileCounts & {
  /** The first seeds of processes that did not come to their end, and how they ended. */
  deaths: string[];
};

/** Plays `files` hostile files in processes of their own, as a unit does (`checked`) or straight away. */
export async function playHostileFiles(files: number, checked: boolean, firstSeed = 1): Promise<HostileRun> {
  const run: HostileRun = { deaths: [], refused: 0, failed: 0, played: 0, tooLong: 0, longestMs: 0, loudestPeak: 0 };
  for (let done = 0; done < files; done += FILES_A_PROCESS) {
    const job = { firstSeed: firstSeed + done, files: Math.min(FILES_A_PROCESS, files - done), checked };
    const counts = await playSome(job);
    if (typeof counts === "string") run.deaths.push(`${job.firstSeed}: ${counts}`);
    else add(run, counts);
  }
  return run;
}

function add(run: HostileRun, counts: HostileCounts): void {
  run.refused += counts.refused;
  run.failed += counts.failed;
  run.played += counts.played;
  run.tooLong += counts.tooLong;
  run.longestMs = Math.max(run.longestMs, counts.longestMs);
  run.loudestPeak = Math.max(run.loudestPeak, counts.loudestPeak);
}

/** What one process counted, or how it died. */
async function playSome(job: { firstSeed: number; files: number; checked: boolean }): Promise<HostileCounts | string> {
  const child = fork(PROCESS, [JSON.stringify(job)]);
  const { promise, resolve } = Promise.withResolvers<HostileCounts | string>();
  child.once("message", (counts: HostileCounts) => resolve(counts));
  child.once("exit", (code, signal) => resolve(signal ?? `code ${code}`));
  return promise;
}
