import * as v from "valibot";
import { seededRandom } from "../hear/random.ts";
import { entry, flag, natural } from "./entry.ts";
import type { Leak } from "./indistinguishable/leaky-hub.ts";
import { Stage, type Trials } from "./indistinguishable/stage.ts";
import { describe, detectableShiftMs, judge, type Verdict, worstByFeature } from "./indistinguishable/verdict.ts";
import { describeMachine, percentile } from "./report.ts";

type IndistinguishableOptions = Readonly<{
  /** Of each of the six situations. */
  trials: number;
  /** Of the order and the moments of the calls. What the machine does is no seed's. */
  seed: number;
  ringBackMs: number;
  /** Six callers and six callees each, all at once. */
  lanes: number;
  /** Measures a hub that leaks: the verdict should be that the situations can be told apart. */
  leak: Leak["leak"] | null;
  /** Only the leaking hubs, each of which must be found out. */
  controlOnly: boolean;
  json: boolean;
}>;

const LEAKS = ["delay", "packet"] as const satisfies readonly Leak["leak"][];
/** Enough to find 20 ms; see the shifts that are printed. */
const CONTROL_TRIALS = 50;
const PROGRESS_EVERY_MS = 10_000;

export const indistinguishable = entry({
  summary:
    "can a caller tell why a call goes nowhere? Fails where she can, or where a leak is not found out\n(about six minutes)",
  options: {
    trials: {
      value: "N",
      help: "calls to each of the six callees (1000); the leaking hubs get 50",
      schema: natural(12, 10_000, 1_000),
    },
    seed: {
      value: "N",
      help: "of the order and the moments of the calls",
      schema: natural(0, 2 ** 32 - 1, Date.now() % 1_000_000),
    },
    "ring-back": { value: "MS", help: "how long a caller's unit rings back (700)", schema: natural(400, 300_000, 700) },
    lanes: { value: "N", help: "groups of six callers and six callees, at once (6)", schema: natural(1, 16, 6) },
    leak: {
      value: "LEAK",
      help: `only a hub that leaks whether the callee's unit is connected: ${LEAKS.join(" or ")}; must fail`,
      schema: v.nullish(v.picklist(LEAKS), null),
    },
    control: { help: "only the leaking hubs; fails where one is not found out", schema: flag },
  },
  quick: ["--trials", "100"],
  run: ({ "ring-back": ringBackMs, control: controlOnly, ...rest }, json) =>
    benchIndistinguishable({ ...rest, ringBackMs, controlOnly, json }),
});

type Measurement = Readonly<{ leak: Leak["leak"] | null; trials: Trials; verdict: Verdict; seconds: number }>;

/**
 * Six calls that go nowhere, each for a reason of its own: does the caller see any difference? True where the real hub
 * passes and each of the leaking ones is found out.
 */
async function benchIndistinguishable(options: IndistinguishableOptions): Promise<boolean> {
  const { leak, controlOnly, trials, json } = options;
  if (leak !== null) return report(options, await measure(options, leak, trials)).same;
  const main = controlOnly ? null : await measure(options, null, trials);
  if (main) report(options, main);
  const controls: Measurement[] = [];
  for (const each of LEAKS) {
    const control = await measure(options, each, Math.min(trials, CONTROL_TRIALS));
    controls.push(control);
    report(options, control);
  }
  const missed = controls.filter(({ verdict }) => verdict.same);
  const passed = (main?.verdict.same ?? true) && missed.length === 0;
  if (!json) say(passed ? "PASSED: nothing told apart, and each leak found out" : failure(main, missed));
  return passed;
}

function failure(main: Measurement | null, missed: readonly Measurement[]): string {
  const told = main && !main.verdict.same ? ["the six can be told apart"] : [];
  return `FAILED: ${[...told, ...missed.map(({ leak }) => `the leak "${leak}" was not found out`)].join("; ")}`;
}

async function measure(
  options: IndistinguishableOptions,
  leak: Measurement["leak"],
  count: number,
): Promise<Measurement> {
  const { seed, ringBackMs, lanes } = options;
  const startedMs = performance.now();
  await using stage = await Stage.build({ lanes, ringBackMs, leak, random: seededRandom(seed) });
  let toldMs = startedMs;
  const trials = await stage.play(count, (done, of) => {
    if (performance.now() - toldMs < PROGRESS_EVERY_MS) return;
    toldMs = performance.now();
    const seconds = Math.round((toldMs - startedMs) / 1_000);
    process.stderr.write(`  ${done} of ${of} calls, ${seconds} s${leak === null ? "" : `, leaking: ${leak}`}\n`);
  });
  return { leak, trials, verdict: judge(trials), seconds: (performance.now() - startedMs) / 1_000 };
}

function report({ json, seed }: IndistinguishableOptions, measurement: Measurement): Verdict {
  const { leak, trials, verdict, seconds } = measurement;
  const rows = featuresOf(measurement, seed);
  const count = trials.blocked.length;
  if (json) {
    const { same, because, threshold, pairs, shapes } = verdict;
    const machine = describeMachine();
    const kinds = shapes.map(({ seen }) => seen);
    const told = { leak, trials: count, seed, seconds, same, because, threshold, features: rows, pairs, kinds };
    console.log(JSON.stringify({ bench: "indistinguishable", machine, ...told }));
    return verdict;
  }
  const hub = leak === null ? "the hub as it is" : `a hub that leaks (${leak})`;
  say(`${hub}: ${count} calls each to six callees, seed ${seed}, ${Math.round(seconds)} s`);
  say(`  kinds of call by packets and bytes: ${verdict.shapes.length}`);
  say(`  ${verdict.pairs.length} comparisons of times; a p of ${verdict.threshold.toExponential(1)} or less counts`);
  if (leak === null) for (const pair of verdict.pairs) say(`    ${describe(pair)}`);
  const width = Math.max(...rows.map(({ feature }) => feature.length));
  say(
    `  ${"milliseconds".padEnd(width)}   median      p99   nearest pair             D        p  found: ${count}, 50 trials`,
  );
  for (const { feature, medianMs, p99Ms, worst, shiftMs, shiftIn50Ms } of rows) {
    const figures = [medianMs, p99Ms].map((ms) => ms.toFixed(2).padStart(8)).join(" ");
    const near = `${worst.one}, ${worst.other}`.padEnd(22);
    const power = `${shiftMs.toFixed(2).padStart(7)}, ${shiftIn50Ms.toFixed(2)} ms later`;
    say(
      `  ${feature.padEnd(width)} ${figures}   ${near} ${worst.distance.toFixed(3)} ${worst.p.toExponential(1).padStart(8)}${power}`,
    );
  }
  say(`  ${verdict.same ? "cannot be told apart" : `TOLD APART: ${verdict.because}`}`);
  return verdict;
}

function featuresOf({ trials, verdict }: Measurement, seed: number) {
  const random = seededRandom(seed);
  return worstByFeature(verdict).map((worst) => {
    const { feature } = worst;
    const all = Object.values(trials).flatMap((each) => each.map(({ times }) => times[feature] ?? Number.NaN));
    const sample = Float64Array.from(all);
    return {
      feature,
      medianMs: percentile(sample, 50),
      p99Ms: percentile(sample, 99),
      worst,
      /** How much later one situation would have to be, to be found out in 9 of 10 runs. */
      shiftMs: detectableShiftMs(trials, feature, trials.blocked.length, random),
      shiftIn50Ms: detectableShiftMs(trials, feature, 50, random),
    };
  });
}

function say(line: string): void {
  console.log(line);
}
