import { readdir, readFile } from "node:fs/promises";

/** What a program has taken so far: its process, its threads and its children. */
export type Cost = Readonly<{ atMs: number; cpuMs: number; memoryMb: number }>;

/** Clock ticks of /proc/PID/stat: 100 a second on every Linux that matters (proc(5), `sysconf(_SC_CLK_TCK)`). */
const TICK_MS = 10;

/** CPU since it started (user and system), and memory by proportional set size: what it shares counts in shares. */
export async function costOf(pid: number, without: readonly number[] = []): Promise<Cost> {
  const pids = await familyOf(pid, new Set(without));
  // A child that has just ended is counted in its parent's time.
  const costs = await Promise.all(
    pids.map((one) => Promise.all([cpuMsOf(one), pssMbOf(one)]).catch((error) => (one === pid ? fail(error) : [0, 0]))),
  );
  const cpuMs = costs.reduce((sum, [cpu = 0]) => sum + cpu, 0);
  const memoryMb = costs.reduce((sum, [, memory = 0]) => sum + memory, 0);
  return { atMs: performance.now(), cpuMs, memoryMb };
}

/** Hundredths of one core between two looks at the same program. */
export function corePercent(before: Cost, after: Cost): number {
  return ((after.cpuMs - before.cpuMs) / (after.atMs - before.atMs)) * 100;
}

async function familyOf(pid: number, without: ReadonlySet<number>): Promise<number[]> {
  if (without.has(pid)) return [];
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const children = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => "")),
  );
  const pids = children.flatMap((text) => text.trim().split(" ")).filter((text) => text !== "");
  const families = await Promise.all(pids.map((child) => familyOf(Number(child), without)));
  return [pid, ...families.flat()];
}

async function cpuMsOf(pid: number): Promise<number> {
  return (await timesOf(pid)).reduce((sum, ms) => sum + ms, 0);
}

/** Milliseconds since a process began, as proc(5) has them: its own, user and system, then those of children that ended. */
export async function timesOf(pid: number): Promise<readonly number[]> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).map((ticks) => Number(ticks) * TICK_MS);
}

async function pssMbOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const kib = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
  if (kib === undefined) throw new Error(`the memory of process ${pid} cannot be read`);
  return Number(kib) / 1_024;
}

function fail(error: unknown): never {
  throw error;
}
