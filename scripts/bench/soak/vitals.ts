import { readdir, readFile } from "node:fs/promises";

/** What one process holds at a moment. */
export type Vitals = Readonly<{
  /** Physical memory that is its own (proc(5), RssAnon): mapped files come and go with the machine's needs. */
  memoryMb: number;
  /** Since its start, user and system. */
  cpuMs: number;
  fds: number;
  threads: number;
}>;

/** Clock ticks of /proc/PID/stat: 100 a second on Linux (proc(5)). */
const TICK_MS = 10;

/** Null where there is no such process any more. */
export async function vitalsOf(pid: number): Promise<Vitals | null> {
  try {
    const [status, stat, fds] = await Promise.all([
      readFile(`/proc/${pid}/status`, "utf8"),
      readFile(`/proc/${pid}/stat`, "utf8"),
      readdir(`/proc/${pid}/fd`),
    ]);
    const [userTicks = 0, systemTicks = 0] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 13)
      .map(Number);
    return {
      memoryMb: numberIn(status, "RssAnon") / 1_024,
      cpuMs: (userTicks + systemTicks) * TICK_MS,
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
