import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  BARE_TUNING,
  DEFAULT_TUNING,
  LOW_TUNING,
  missingForBaresip,
  type Tuning,
  TwoBaresips,
} from "./call/two-baresips.ts";
import { TwoUnits } from "./call/two-units.ts";
import { type Cost, corePercent } from "./cost.ts";
import { entry, flag, natural } from "./entry.ts";
import type { Bench, Measured } from "./report.ts";

const BUDGET = { earToEarMs: 40, answerMs: 300, corePercent: 15, memoryMb: 300, ofBaresip: 0.7 } as const;
/** From sound to measuring: both ends' buffers settle. */
const SETTLE_MS = 3_000;
/** Keys for 90 days. */
const FIRST_MS = 25_000;

export const call = entry({
  summary:
    "a relayed call between two units, by channel and by SRTP: ear to ear, answer → sound, CPU, memory; beside baresip",
  options: {
    calls: { value: "N", help: "calls of each program (3), 13 s each", schema: natural(1, 50, 3) },
    alone: { help: "without baresip", schema: flag },
  },
  run: async ({ calls, alone }) => {
    const folder = await mkdtemp(join(tmpdir(), "porter-bench-call-"));
    try {
      const units = await callUnits(join(folder, "units"), calls, true);
      const missing = await missingForBaresip();
      if (!alone && missing !== null)
        console.error(`no comparison with baresip: install the Debian packages ${missing}`);
      const others: Called[] = [];
      const srtp = await callUnits(join(folder, "srtp"), calls, false);
      if (!alone && missing === null)
        for (const tuning of [DEFAULT_TUNING, LOW_TUNING, BARE_TUNING])
          others.push(await callBaresips(join(folder, tuning.name), calls, tuning));
      return report(units, srtp, others);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});

/** What came of some calls of one program. Of two ends, the one that took more. */
type Called = Readonly<{
  name: string;
  earToEarMs: readonly number[];
  answerMs: readonly number[];
  corePercent: readonly number[];
  memoryMb: readonly number[];
  /** Of `corePercent` and `memoryMb`, by part; empty where there are none. */
  parts: readonly Readonly<{ name: string; corePercent: readonly number[]; memoryMb: readonly number[] }>[];
}>;

async function callUnits(folder: string, calls: number, soundChannel: boolean): Promise<Called> {
  await using two = await TwoUnits.start(folder, soundChannel);
  const earToEarMs: number[] = [];
  const answerMs: number[] = [];
  const whole = { corePercent: [] as number[], memoryMb: [] as number[] };
  const brain = { name: "brain", corePercent: [] as number[], memoryMb: [] as number[] };
  const audio = { name: "audio", corePercent: [] as number[], memoryMb: [] as number[] };
  // What a unit does once after its start is not part of a call.
  await sleep(FIRST_MS);
  for (let made = 0; made < calls; made += 1) {
    answerMs.push(await two.call());
    await sleep(SETTLE_MS);
    const before = await two.costs();
    for (const from of [0, 1] as const) earToEarMs.push(...(await two.earToEar(from)));
    const after = await two.costs();
    await two.hangUp();
    const brains = spent(before.brains, after.brains);
    const audios = spent(before.audios, after.audios);
    keepLarger(brain, brains);
    keepLarger(audio, audios);
    keepLarger(
      whole,
      brains.map((one, end) => ({
        corePercent: one.corePercent + (audios[end]?.corePercent ?? 0),
        memoryMb: one.memoryMb + (audios[end]?.memoryMb ?? 0),
      })),
    );
    await sleep(500);
  }
  return { name: soundChannel ? "Porter" : "Porter by SRTP", earToEarMs, answerMs, ...whole, parts: [brain, audio] };
}

async function callBaresips(folder: string, calls: number, tuning: Tuning): Promise<Called> {
  await using two = await TwoBaresips.start(folder, tuning);
  const called = { earToEarMs: [] as number[], answerMs: [] as number[] };
  const whole = { corePercent: [] as number[], memoryMb: [] as number[] };
  for (let made = 0; made < calls; made += 1) {
    called.answerMs.push(await two.call());
    await sleep(SETTLE_MS);
    const before = await two.costs();
    for (const from of [0, 1] as const) called.earToEarMs.push(...(await two.earToEar(from)));
    keepLarger(whole, spent(before, await two.costs()));
    await two.hangUp();
    await sleep(500);
  }
  return { name: `baresip, ${tuning.name}`, ...called, ...whole, parts: [] };
}

type Spent = Readonly<{ corePercent: number; memoryMb: number }>;

function spent(before: readonly Cost[], after: readonly Cost[]): Spent[] {
  return after.map((cost, index) => ({
    corePercent: corePercent(before[index] ?? cost, cost),
    memoryMb: cost.memoryMb,
  }));
}

function keepLarger(into: { corePercent: number[]; memoryMb: number[] }, ends: readonly Spent[]): void {
  into.corePercent.push(Math.max(...ends.map((end) => end.corePercent)));
  into.memoryMb.push(Math.max(...ends.map((end) => end.memoryMb)));
}

function report(units: Called, srtp: Called, others: readonly Called[]): Bench {
  const ratios: Measured[] = others.map((other, index) => ({
    what: `ear to ear, Porter's median to that of ${other.name}`,
    value: median(units.earToEarMs) / median(other.earToEarMs),
    unit: "×",
    budget: index === 0 ? null : BUDGET.ofBaresip,
  }));
  return {
    name: "call",
    measured: [
      ...figuresOf(units, true),
      ...figuresOf(srtp, false),
      ...others.flatMap((o) => figuresOf(o, false)),
      ...ratios,
    ],
  };
}

function figuresOf(called: Called, budgeted: boolean): Measured[] {
  const { name, earToEarMs, answerMs, parts } = called;
  const whole: Measured[] = [
    { what: `${name}: ear to ear, median`, value: median(earToEarMs), unit: "ms", budget: BUDGET.earToEarMs },
    { what: `${name}: ear to ear, least`, value: Math.min(...earToEarMs), unit: "ms", budget: null },
    { what: `${name}: ear to ear, most`, value: Math.max(...earToEarMs), unit: "ms", budget: null },
    { what: `${name}: chirps heard`, value: earToEarMs.length, unit: "count", budget: null },
    // Baresip tells of the handshake, not of the sound after it.
    {
      what: `${name}: answer → ${name.startsWith("Porter") ? "sound both ways" : "keys on both ends"}, median`,
      value: median(answerMs),
      unit: "ms",
      budget: BUDGET.answerMs,
    },
    ...[{ ...called, name: "" }, ...parts].flatMap((part): Measured[] => {
      const what = `${name}${part.name === "" ? "" : `'s ${part.name}`} in a call`;
      const all = part.name === "";
      return [
        {
          what: `${what}, CPU of one core`,
          value: median(part.corePercent),
          unit: "%",
          budget: all ? BUDGET.corePercent : null,
        },
        { what: `${what}, memory`, value: median(part.memoryMb), unit: "MB", budget: all ? BUDGET.memoryMb : null },
      ];
    }),
  ];
  return budgeted ? whole : whole.map((figure) => ({ ...figure, budget: null }));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
