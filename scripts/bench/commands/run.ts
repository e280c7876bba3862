import type { Level } from "./noisy.ts";

/** What was asked for. `levels` null: those of the part's budgets; `every`: only every so many sentences and recordings. */
export type Run = Readonly<{ data: string; levels: readonly Level[] | null; every: number; seed: number }>;
