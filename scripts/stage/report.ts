import type { Figures } from "./figures.ts";

export type StepResult = Readonly<{ name: string; ok: boolean; atMs: number; ms: number; detail: string }>;

/** What `report.json` holds; rigs read it. */
export type Report = Readonly<{
  ok: boolean;
  steps: readonly Readonly<{ name: string; ok: boolean; ms: number; detail: string }>[];
  answerToSoundMs: readonly number[];
  wakeToActionMs: readonly number[];
  blocked: Readonly<{ peakDbfs: number; lightChanges: number; published: number }> | null;
  callerSeesUnplugged: boolean;
}>;

/** All went well only where every step of the play was reached and held. */
export function reportOf(steps: readonly StepResult[], planned: number, figures: Figures): Report {
  const { answerToSoundMs, wakeToActionMs, blocked } = figures;
  const callerSeesUnplugged = figures.callerSeesUnplugged ?? false;
  return {
    ok: steps.length === planned && steps.every(({ ok }) => ok) && callerSeesUnplugged,
    steps: steps.map(({ name, ok, ms, detail }) => ({ name, ok, ms, detail })),
    answerToSoundMs: answerToSoundMs.map(Math.round),
    wakeToActionMs: wakeToActionMs.map(Math.round),
    blocked,
    callerSeesUnplugged,
  };
}
