import type { PageFigure } from "./page.ts";

/** What is measured while the play goes on. */
export type Figures = {
  readonly answerToSoundMs: number[];
  readonly wakeToActionMs: number[];
  /** From "block that caller" being understood to the ring being silent. */
  blockToSilenceMs: number | null;
  blocked: Blocked | null;
  callerSeesUnplugged: boolean | null;
  unplugged: string;
};

/** What a blocked caller got out of the callee's home. */
export type Blocked = Readonly<{ peakDbfs: number; lightChanges: number; published: number }>;

export function noFigures(): Figures {
  return {
    answerToSoundMs: [],
    wakeToActionMs: [],
    blockToSilenceMs: null,
    blocked: null,
    callerSeesUnplugged: null,
    unplugged: "not compared",
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle) - 1] ?? Number.NaN)) / 2;
}

/** The figures beside the budgets of the design. */
export function besideBudgets(figures: Figures): PageFigure[] {
  const { blocked, blockToSilenceMs } = figures;
  const rows: PageFigure[] = [
    within("answer → sound in both directions, median", median(figures.answerToSoundMs), 300),
    within("end of a spoken command → the action starts, median", median(figures.wakeToActionMs), 700),
    within("“block that caller” understood → silence", blockToSilenceMs ?? Number.NaN, 200),
  ];
  if (blocked) {
    const nothing = blocked.lightChanges === 0 && blocked.published === 0 && blocked.peakDbfs <= SILENCE_DBFS;
    const measured = `${blocked.peakDbfs} dBFS, ${blocked.lightChanges} light changes, ${blocked.published} published`;
    rows.push({ what: "a blocked call, at the callee", measured, budget: "nothing at all", ok: nothing });
  }
  return rows;
}

/** Digital silence, for a file format that has no minus infinity. */
export const SILENCE_DBFS = -120;

function within(what: string, ms: number, budgetMs: number): PageFigure {
  return { what, measured: `${Math.round(ms)} ms`, budget: `≤ ${budgetMs} ms`, ok: ms <= budgetMs };
}
