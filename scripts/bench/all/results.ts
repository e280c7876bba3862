import * as v from "valibot";

/** What a benchmark prints with `--json`, as far as a page can show it; `value` null: it is not a number. */
const Row = v.object({
  what: v.string(),
  value: v.nullable(v.number()),
  unit: v.string(),
  budget: v.nullable(v.number()),
  kept: v.boolean(),
  atLeast: v.optional(v.boolean(), false),
  proposed: v.optional(v.boolean(), false),
});
export type Row = v.InferOutput<typeof Row>;

const Line = v.object({
  what: v.string(),
  unit: v.string(),
  x: v.string(),
  points: v.array(v.tuple([v.number(), v.number()])),
});
export type Line = v.InferOutput<typeof Line>;

const Told = v.object({
  bench: v.string(),
  measured: v.optional(v.array(Row), []),
  series: v.optional(v.array(Line), []),
});

/** One benchmark of a run of all. */
export type Result = Readonly<{
  name: string;
  summary: string;
  /** It ended well by its own judgement; a missed budget alone is no failure. */
  passed: boolean;
  seconds: number;
  /** The last that it said where it failed. */
  fault: string;
  rows: readonly Row[];
  series: readonly Line[];
  /** All that it printed, as it was. */
  printed: readonly unknown[];
}>;

export type Results = Readonly<{
  startedMs: number;
  quick: boolean;
  machine: Readonly<{ cpu: string; cores: number; memoryGb: number; node: string }>;
  results: readonly Result[];
}>;

/** Each line that is JSON; figures of those that are a benchmark's. */
export function readPrinted(stdout: string): Pick<Result, "rows" | "series" | "printed"> {
  const printed = stdout.split("\n").flatMap((line) => {
    try {
      return line.trim() === "" ? [] : [JSON.parse(line) as unknown];
    } catch {
      return [];
    }
  });
  const told = printed.flatMap((each) => {
    const parsed = v.safeParse(Told, each);
    return parsed.success ? [parsed.output] : [];
  });
  return { rows: told.flatMap(({ measured }) => measured), series: told.flatMap(({ series }) => series), printed };
}
