import { spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";

/** A process that may outlive us. `startedTicks` (field 22 of /proc/PID/stat) tells it from a later one of its pid. */
const Running = v.strictObject({
  pid: v.pipe(v.number(), v.safeInteger(), v.minValue(2)),
  startedTicks: v.pipe(v.string(), v.regex(/^\d+$/)),
});
export type Running = v.InferOutput<typeof Running>;

const START_TRIES = 20;
const END_PATIENCE_MS = 3_000;
const POLL_MS = 50;

/** Starts a program in a session of its own, its output in `folder/output.log`. Rejects where it does not start. */
export async function startDetached(binary: string, parameters: readonly string[], folder: string): Promise<Running> {
  await using output = await open(join(folder, "output.log"), "w", 0o600);
  const child = spawn(binary, parameters, { cwd: folder, detached: true, stdio: ["ignore", output.fd, output.fd] });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => resolve(child.pid ?? 0));
  });
  child.unref();
  for (let attempt = 0; attempt < START_TRIES; attempt += 1) {
    const startedTicks = await startOf(pid);
    if (startedTicks) return { pid, startedTicks };
    await sleep(POLL_MS);
  }
  throw new Error(`${binary} ended at once: see ${join(folder, "output.log")}`);
}

/** The process that a pid file names, if it still runs and has `mark` among its arguments. */
export async function runningFrom(pidFile: string, mark: string): Promise<Running | null> {
  try {
    const parsed = v.safeParse(Running, JSON.parse(await readFile(pidFile, "utf8")));
    if (!parsed.success || !(await alive(parsed.output))) return null;
    const parameters = (await readFile(`/proc/${parsed.output.pid}/cmdline`, "utf8")).split("\0");
    return parameters.includes(mark) ? parsed.output : null;
  } catch {
    return null;
  }
}

export async function alive(running: Running): Promise<boolean> {
  return (await startOf(running.pid)) === running.startedTicks;
}

/** Asks it to end, and makes it end. */
export async function endProcess(running: Running): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!(await alive(running))) return;
    try {
      process.kill(running.pid, signal);
    } catch {
      return; // it went in between
    }
    for (let waitedMs = 0; waitedMs < END_PATIENCE_MS && (await alive(running)); waitedMs += POLL_MS)
      await sleep(POLL_MS);
  }
}

/** When a process started; null where there is none or it is dead and unburied (proc(5)). */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startedTicks = fields[18];
  return startedTicks && state !== "Z" && state !== "X" ? startedTicks : null;
}
