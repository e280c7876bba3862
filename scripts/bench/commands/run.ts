import type { Level } from "./noisy.ts";

/** What was asked for; null: what the part takes by itself. `every`: only every so many sentences and recordings. */
export type Run = Readonly<{ data: string; levels: readonly Level[] | null; every: number | null; seed: number }>;
