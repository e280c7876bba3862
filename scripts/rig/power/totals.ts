import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import type { Cut } from "./life-of-unit.ts";

const Count = v.number();
const Counts = v.record(v.string(), v.number());
/** All that is known of a run, in `summary.json`; from it the run can be resumed. */
const Totals = v.strictObject({
  seed: Count,
  control: v.nullable(v.picklist(["normal", "lying-disk"])),
  cuts: Count,
  /** With something under way that was not confirmed yet. */
  during: Count,
  whileStarting: Count,
  /** Starts of the whole unit, beside those of its stores and brain. */
  wholeStarts: Count,
  units: Count,
  /** Promises that were kept, by what they were about. */
  confirmed: Counts,
  /** What was under way when the power went. */
  underWay: Counts,
  firmware: v.strictObject({ confirmed: Count, gaveWay: Count, resumed: Count }),
  lost: Counts,
  losses: v.array(v.strictObject({ cut: Count, what: v.string(), detail: v.string() })),
  /** The cut after which something was lost for the first time. */
  firstLostAt: v.nullable(Count),
  startMs: v.array(Count),
  tookS: Count,
});
export type Totals = v.InferOutput<typeof Totals>;

const MOST_LOSSES = 200;
const FILE = "summary.json";

export function newTotals(seed: number, control: Totals["control"]): Totals {
  const counts = { cuts: 0, during: 0, whileStarting: 0, wholeStarts: 0, units: 0, confirmed: {}, underWay: {} };
  const firmware = { confirmed: 0, gaveWay: 0, resumed: 0 };
  return { seed, control, ...counts, firmware, lost: {}, losses: [], firstLostAt: null, startMs: [], tookS: 0 };
}

/** The totals of a run that was broken off; null where there are none, or they are no totals. */
export function readTotals(folder: string): Totals | null {
  const path = join(folder, FILE);
  if (!existsSync(path)) return null;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Totals), readFileSync(path, "utf8"));
  return parsed.success ? parsed.output : null;
}

export function writeTotals(folder: string, totals: Totals): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, FILE);
  writeFileSync(`${path}.new`, `${JSON.stringify(totals, null, 1)}\n`);
  renameSync(`${path}.new`, path);
  writeFileSync(join(folder, "summary.txt"), `${describe(totals)}\n`);
}

export function addCut(totals: Totals, { losses, underWay, whileStarting, whole, startMs }: Cut): void {
  totals.cuts += 1;
  if (underWay.length > 0) totals.during += 1;
  if (whileStarting) totals.whileStarting += 1;
  if (whole) totals.wholeStarts += 1;
  if (startMs !== null && !whole) totals.startMs.push(Math.round(startMs));
  for (const what of underWay) totals.underWay[what] = (totals.underWay[what] ?? 0) + 1;
  for (const { what, detail } of losses) {
    totals.lost[what] = (totals.lost[what] ?? 0) + 1;
    totals.firstLostAt ??= totals.cuts;
    if (totals.losses.length < MOST_LOSSES) totals.losses.push({ cut: totals.cuts, what, detail });
  }
}

export function lostIn({ lost }: Totals): number {
  return Object.values(lost).reduce((sum, count) => sum + count, 0);
}

export function describe(totals: Totals): string {
  const { seed, control, cuts, during, whileStarting, wholeStarts, units, confirmed, underWay, firmware, tookS } =
    totals;
  const { startMs, firstLostAt } = totals;
  const sorted = startMs.toSorted((one, other) => one - other);
  const at = (share: number) => ((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) / 1_000).toFixed(1);
  const list = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([what, count]) => `${what} ${count}`)
      .join(", ") || "nothing";
  const promises = Object.values(confirmed).reduce((sum, count) => sum + count, 0);
  const lost = lostIn(totals);
  return [
    `power cuts in user-mode Linux${control === null ? "" : `, control ${control}`}: ${cuts} cuts, ${lost} lost`,
    `  seed ${seed}; ${units} units; ${(tookS / 60).toFixed(0)} min; ${promises} promises (${list(confirmed)})`,
    `  ${during} cuts with something under way (${list(underWay)}), ${whileStarting} while starting`,
    `  firmware: ${firmware.confirmed} confirmed, ${firmware.gaveWay} gave way, ${firmware.resumed} transfers resumed`,
    `  power to first word: median ${at(0.5)} s, p95 ${at(0.95)} s; ${wholeStarts} starts of the whole unit`,
    ...(lost > 0 ? [`  lost: ${list(totals.lost)}; first after cut ${firstLostAt}`] : []),
    ...totals.losses.slice(0, 10).map(({ cut, what, detail }) => `    cut ${cut}: ${what}: ${detail.slice(0, 300)}`),
  ].join("\n");
}
