import { cpus, totalmem } from "node:os";

/** One thing that was measured, beside what it may be. */
export type Measured = Readonly<{
  what: string;
  value: number;
  unit:
    | "µs"
    | "ms"
    | "s"
    | "min"
    | "B"
    | "KiB"
    | "MB"
    | "MB/h"
    | "kbit/s"
    | "%"
    | "dB"
    | "×"
    | "count"
    | "h"
    | "1/h"
    | "score";
  /** Null where there is none. */
  budget: number | null;
  /** The budget is the least that is good enough; without this it is the most. */
  atLeast?: true;
  /** Nobody has agreed on this budget yet. */
  proposed?: true;
}>;

/** How something went, for a plot. */
export type Series = Readonly<{
  what: string;
  unit: Measured["unit"];
  /** What the first number of each point counts. */
  x: string;
  points: readonly (readonly [x: number, y: number])[];
}>;

export type Bench = Readonly<{
  name: string;
  measured: readonly Measured[];
  series?: readonly Series[];
  /** Where it judges; a missed budget alone fails nothing. */
  passed?: boolean;
}>;

/** The n-th hundredth of what was measured. */
export function percentile(samples: Float64Array, percent: number): number {
  const at = Math.min(samples.length - 1, Math.floor((samples.length * percent) / 100));
  return samples.toSorted()[at] ?? Number.NaN;
}

/** In milliseconds. */
export function timed(run: () => void): number {
  const startMs = performance.now();
  run();
  return performance.now() - startMs;
}

/** With what is not needed any more swept out, where Node was told to allow it. */
export function usedMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** Whether every budget was kept. */
export function print({ name, measured, series = [] }: Bench, asJson: boolean): boolean {
  const machine = describeMachine();
  const rows = measured.map((each) => ({ ...each, kept: isKept(each) }));
  if (asJson) console.log(JSON.stringify({ bench: name, machine, measured: rows, series }));
  else {
    console.log(`${name}, on ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}`);
    const width = Math.max(...rows.map(({ what }) => what.length));
    for (const { what, value, unit, budget, kept, proposed, atLeast } of rows) {
      const called = `${proposed ? "proposed budget" : "budget"} ${atLeast ? "≥" : "≤"}`;
      const verdict = budget === null ? "" : `  ${called} ${budget} ${unit}  ${kept ? "kept" : "MISSED"}`;
      console.log(`  ${what.padEnd(width)}  ${value.toFixed(value < 10 ? 2 : 0).padStart(8)} ${unit}${verdict}`);
    }
  }
  return rows.every(({ kept }) => kept);
}

function isKept({ value, budget, atLeast }: Measured): boolean {
  if (budget === null) return true;
  return atLeast ? value >= budget : value <= budget;
}

export function describeMachine() {
  const [first] = cpus();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  return { cpu: first?.model ?? "an unknown processor", cores: cpus().length, memoryGb, node: process.version };
}
