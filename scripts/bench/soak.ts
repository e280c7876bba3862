import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { entry, flag } from "./entry.ts";
import type { Bench, Measured } from "./report.ts";
import { playDenseRound } from "./soak/dense.ts";
import { Households } from "./soak/household.ts";
import { playRound, settle } from "./soak/rounds.ts";
import { type Held, Samples, type Who } from "./soak/samples.ts";
import { judgeSoak, type Life, leastSeen, type SoakVerdict, warmUpOf } from "./soak/verdict.ts";
import { vitalsOf } from "./soak/vitals.ts";

const SAMPLE_EVERY_MS = 5_000;
const PROGRESS_EVERY_MS = 60_000;
/** Between two rounds: people do not talk all day. */
const PAUSE_MS = 2_000;

const LEAK = import.meta.resolve("./soak/leak.ts");

type SoakOptions = Readonly<{ minutes: number; out: string; resume: boolean; leak: number }>;

const Amount = v.optional(v.pipe(v.string(), v.transform(Number), v.number(), v.gtValue(0), v.maxValue(100_000)));

export const soak = entry({
  summary:
    "two homes that call each other for hours: does memory stay flat, does anything crash? (an hour)\ntwenty minutes before it is judged: twelve of them dense, for code to be compiled and caches to fill\nCtrl-C ends it early; what was gathered is judged",
  options: {
    hours: { value: "N", help: "how long (1)", schema: Amount },
    minutes: { value: "N", help: "how long, in minutes", schema: Amount },
    out: { value: "FILE", help: "samples, a JSON line each (out/bench/soak.jsonl)", schema: v.optional(v.string()) },
    leak: { value: "MB", help: "a control: both brains leak so much an hour, which must be told", schema: Amount },
    resume: { help: "goes on with what that file has, until it has lasted as long in all", schema: flag },
  },
  quick: ["--minutes", "2"],
  run: async ({ hours, minutes, out = "out/bench/soak.jsonl", resume, leak = 0 }, json) => {
    const wanted = minutes ?? (hours ?? 1) * 60;
    return runSoak({ minutes: wanted, out: resolve(out), resume, leak }, json);
  },
});

/** Samples, crashes and how the rounds went, as the file keeps them. */
async function runSoak({ minutes, out, resume, leak }: SoakOptions, json: boolean): Promise<Bench> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  await mkdir(resolve(out, ".."), { recursive: true });
  if (!resume) await rm(out, { force: true });
  const samples = await Samples.resume(out);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const folder = await mkdtemp(join(tmpdir(), "porter-soak-"));
  if (leak > 0) {
    process.env.NODE_OPTIONS = `--import=${LEAK}`;
    process.env.PORTER_LEAK_MB_AN_HOUR = String(leak);
  }
  try {
    const leftMs = minutes * 60_000 - judgeSoak(samples.lines).hours * 3_600_000;
    if (leftMs > 0) await live(folder, samples, leftMs, stopping.signal, say);
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
    await rm(folder, { recursive: true, force: true });
  }
  const verdict = judgeSoak(samples.lines);
  if (!json) for (const line of described(verdict)) say(line);
  return { ...benchOf(verdict), passed: verdict.passed };
}

async function live(
  folder: string,
  samples: Samples,
  forMs: number,
  stopped: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  await using homes = await Households.build(folder);
  const startedMs = Date.now();
  await samples.add({ what: "start", atMs: startedMs });
  const watching = watch(homes, samples, stopped);
  let toldMs = startedMs;
  const warmUp = warmUpOf(forMs);
  let isWarm = false;
  for (let round = 0; Date.now() - startedMs < forMs && !stopped.aborted; round += 1) {
    const sinceMs = Date.now() - startedMs;
    const dense = sinceMs < warmUp.denseMs;
    if (!isWarm && sinceMs >= warmUp.lastsMs) await samples.add({ what: "warm", atMs: Date.now() });
    isWarm = sinceMs >= warmUp.lastsMs;
    const playing = dense ? playDenseRound(round, homes) : playRound(round, homes);
    const fault = await Promise.race([playing, aborted(stopped)]).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (stopped.aborted) break;
    await samples.add({ what: "round", atMs: Date.now(), fault });
    if (fault !== null) {
      say(`round ${round}: ${fault}`);
      await settle(homes).catch((error: unknown) => say(`not at rest: ${String(error)}`));
    }
    if (!dense) await sleep(PAUSE_MS, undefined, { signal: stopped }).catch(() => undefined);
    if (Date.now() - toldMs < PROGRESS_EVERY_MS) continue;
    toldMs = Date.now();
    say(progress(judgeSoak(samples.lines)));
  }
  await watching.stop();
}

/** Rejects when the signal comes. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
}

/** Samples until stopped. A process with another id than before has crashed, unless it is the hub. */
function watch(homes: Households, samples: Samples, stopped: AbortSignal): { stop: () => Promise<void> } {
  const ending = new AbortController();
  const pids = new Map<Who, number>();
  const loop = async (): Promise<void> => {
    while (!ending.signal.aborted && !stopped.aborted) {
      const held = await sampleAll(homes);
      for (const { who, pid } of held) {
        const before = pids.get(who);
        pids.set(who, pid);
        if (who !== "hub" && before !== undefined && before !== pid)
          await samples.add({ what: "crash", atMs: Date.now(), who });
      }
      if (held.length > 0) await samples.add({ what: "sample", atMs: Date.now(), held });
      await sleep(SAMPLE_EVERY_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  const done = loop();
  return {
    stop: () => {
      ending.abort();
      return done;
    },
  };
}

async function sampleAll({ people, hub }: Households): Promise<Held[]> {
  const held: Held[] = [];
  const look = async (who: Who, pid: number | null): Promise<void> => {
    const vitals = pid === null ? null : await vitalsOf(pid);
    if (pid !== null && vitals !== null) held.push({ who, pid, ...vitals });
  };
  for (const { name, unit } of people) {
    const pids = await unit.pids().catch(() => null);
    const whose = name === "Ana" ? "Ana's" : "Ben's";
    await look(`${whose} brain`, pids?.brain ?? null);
    await look(`${whose} audio`, pids?.audio ?? null);
  }
  await look("hub", hub.pid);
  return held;
}

function progress({ hours, rounds, faults, crashes, lives }: SoakVerdict): string {
  const memory = lives.map(({ who, last }) => `${who} ${last.memoryMb.toFixed(0)} MB`).join(", ");
  const went = `${rounds} rounds, ${faults.length} of them went wrong, ${crashes.length} crashes`;
  return `${(hours * 60).toFixed(0).padStart(4)} min  ${went}; ${memory}`;
}

function described({ hours, rounds, faults, crashes, lives, passed }: SoakVerdict): string[] {
  const lines = lives.map(({ who, memory: { value, low, high }, verdict, first, last }) => {
    if (verdict === "unknown")
      return `  ${who}: memory ${first.memoryMb.toFixed(0)} → ${last.memoryMb.toFixed(0)} MB, ${WORDS.unknown}`;
    const bounds = `${value.toFixed(2)} MB an hour (95 %: ${low.toFixed(2)} to ${high.toFixed(2)})`;
    const power = `${leastSeen({ value, low, high }).toFixed(2)} would be told`;
    return `  ${who}: memory ${bounds}: ${WORDS[verdict]}, ${power}; descriptors ${first.fds} → ${last.fds}, threads ${first.threads} → ${last.threads}`;
  });
  const head = `${(hours * 60).toFixed(0)} minutes, ${rounds} rounds, ${faults.length} of them went wrong, ${crashes.length} crashes`;
  return [head, ...lines, passed ? "PASSED" : "FAILED"];
}

const WORDS: Readonly<Record<Life["verdict"], string>> = {
  flat: "slope not distinguishable from zero",
  grows: "GROWS",
  noisy: "TOO UNEVEN TO TELL",
  unknown: "too short to tell",
};

/** The lower bound: a budget of none, which noise does not miss. */
function slopeIn(who: Who, { low }: Life["memory"]): Measured {
  return { what: `${who}, memory slope, at least (95 %)`, value: low, unit: "MB/h", budget: 0 };
}

function benchOf({ hours, rounds, faults, crashes, lives }: SoakVerdict): Bench {
  const ofLives = lives.flatMap(({ who, memory, verdict, first, last, cpuPercent }): Measured[] => [
    { what: `${who}, memory at the end`, value: last.memoryMb, unit: "MB", budget: null },
    ...(verdict === "unknown" ? [] : [slopeIn(who, memory)]),
    { what: `${who}, CPU`, value: cpuPercent, unit: "%", budget: null },
    { what: `${who}, descriptors gained`, value: last.fds - first.fds, unit: "count", budget: null },
  ]);
  return {
    name: "soak",
    measured: [
      { what: "crashes", value: crashes.length, unit: "count", budget: 0 },
      { what: "lasted", value: hours * 60, unit: "min", budget: null },
      { what: "rounds", value: rounds, unit: "count", budget: null },
      { what: "rounds that went wrong", value: faults.length, unit: "count", budget: null },
      ...ofLives,
    ],
    series: lives.map(({ who, points }) => ({ what: `${who}: memory`, unit: "MB", x: "hours", points })),
  };
}
