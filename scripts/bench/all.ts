import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { resultsPage } from "./all/page.ts";
import { type Result, type Results, readPrinted } from "./all/results.ts";
import { type Entry, entry, flag } from "./entry.ts";
import { describeMachine } from "./report.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
/** Whatever takes longer hangs; the longest benchmark takes an hour. */
const LONGEST_MS = 2 * 3_600_000;
/** What a benchmark that failed said last. */
const TAIL = 2_000;

type Benches = Readonly<Record<string, () => Promise<Entry>>>;
type AllOptions = Readonly<{ quick: boolean; out: string; only: readonly string[] | null }>;

const Names = v.optional(
  v.pipe(
    v.string(),
    v.transform((names) => names.split(",")),
  ),
);

/** All that is in the table, this one left out. */
export function all(benches: Benches): Entry {
  return entry({
    summary: "every benchmark in turn, each in a process of its own; writes out/bench/index.html and results.json",
    options: {
      quick: { help: "shorter variants, where there are any; leaves out what has none and takes long", schema: flag },
      only: { value: "NAMES", help: "these, separated by commas", schema: Names },
      out: { value: "FOLDER", help: "where the page goes (out/bench)", schema: v.optional(v.string()) },
    },
    run: ({ quick, only = null, out = "out/bench" }, json) => runAll(benches, { quick, only, out: resolve(out) }, json),
  });
}

async function runAll(benches: Benches, { quick, only, out }: AllOptions, json: boolean): Promise<boolean> {
  const unknown = only?.filter((name) => !Object.hasOwn(benches, name) || name === "all") ?? [];
  if (unknown.length > 0) throw new Error(`there is no benchmark ${unknown.join(", ")}; "bench --help" lists them`);
  await mkdir(out, { recursive: true });
  const results: Result[] = [];
  const whole: Results = { startedMs: Date.now(), quick, machine: describeMachine(), results };
  let stopped = false;
  // The benchmark that runs is told by the terminal; what was measured until then is kept.
  process.on("SIGINT", () => {
    stopped = true;
  });
  for (const [name, load] of Object.entries(benches)) {
    if (stopped) break;
    if (name === "all" || (only !== null && !only.includes(name))) continue;
    const { summary, quick: quickArguments = [] } = await load();
    if (quick && quickArguments === null) continue;
    process.stderr.write(`── ${name}\n`);
    const result = await runOne(name, summary, quick ? (quickArguments ?? []) : []);
    results.push(result);
    process.stderr.write(`── ${name}: ${result.passed ? "ended well" : "FAILED"}, ${result.seconds.toFixed(0)} s\n`);
    // After each: whoever stops it in the middle has what was measured so far.
    await writeFile(join(out, "results.json"), `${JSON.stringify(whole, null, 1)}\n`);
    await writeFile(join(out, "index.html"), resultsPage(whole));
  }
  if (json) console.log(JSON.stringify(whole));
  else console.log(`See ${join(out, "index.html")}`);
  return !stopped && results.length > 0 && results.every(({ passed }) => passed);
}

async function runOne(name: string, summary: string, given: readonly string[]): Promise<Result> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...process.execArgv, MAIN, name, "--json", ...given], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LONGEST_MS,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let tail = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-TAIL);
    process.stderr.write(text);
  });
  await once(child, "close");
  const passed = child.exitCode === 0;
  const fault = passed ? "" : `${tail.trim()}\nended by ${child.signalCode ?? `code ${child.exitCode}`}`.trim();
  return { name, summary, passed, fault, seconds: (performance.now() - startedMs) / 1_000, ...readPrinted(stdout) };
}
