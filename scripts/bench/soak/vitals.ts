import { readdir, readFile } from "node:fs/promises";
import { timesOf } from "../cost.ts";

/** What one process holds at a moment. */
export type Vitals = Readonly<{
  /** Physical memory that is its own (proc(5), RssAnon): mapped files come and go with the machine's needs. */
  memoryMb: number;
  /** Since its start, user and system. */
  cpuMs: number;
  fds: number;
  threads: number;
}>;

/** Null where there is no such process any more. */
export async function vitalsOf(pid: number): Promise<Vitals | null> {
  try {
    const [status, [userMs = 0, systemMs = 0], fds] = await Promise.all([
      readFile(`/proc/${pid}/status`, "utf8"),
      timesOf(pid),
      readdir(`/proc/${pid}/fd`),
    ]);
    return {
      memoryMb: numberIn(status, "RssAnon") / 1_024,
      cpuMs: userMs + systemMs,
      fds: fds.length,
      threads: numberIn(status, "Threads"),
    };
  } catch {
    return null;
  }
}

function numberIn(status: string, field: string): number {
  const value = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1];
  if (value === undefined) throw new Error(`/proc says nothing of ${field}`);
  return Number(value);
}
