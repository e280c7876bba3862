import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { type Performance, perform, skip } from "./perform.ts";
import { junit, whatFailed } from "./report/junit.ts";
import { indexPage, scenarioPage } from "./report/page.ts";
import { whyNot } from "./scenario/needs.ts";
import { readScenario, type Scenario } from "./scenario/read.ts";
import { TARGETS, type TargetName } from "./scenario/schema.ts";
import { type BoardSettings, readBoardSettings } from "./targets/board/settings.ts";
import { targetKind } from "./targets/make.ts";
import type { TargetKind } from "./targets/target.ts";

const SCENARIOS = resolve(import.meta.dirname, "../../test/scenarios");
const Target = v.picklist(TARGETS, `must be one of ${TARGETS.join(", ")}`);

type Chosen = Readonly<{ path: string; scenario: Scenario }>;

const BOARD_OPTIONS = {
  board: { type: "string" },
  port: { type: "string" },
  baud: { type: "string" },
  play: { type: "string" },
  record: { type: "string" },
  "power-command": { type: "string" },
  address: { type: "string" },
} as const;

/** Plays scenarios on a target. 0: all that it can play held; 1: not all; 2: asked for wrongly, or a scenario is malformed. */
export async function playScenarios(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      target: { type: "string", default: "sim" },
      out: { type: "string", default: "out/rig" },
      list: { type: "boolean" },
      ...BOARD_OPTIONS,
    },
  });
  const target = v.safeParse(Target, values.target);
  if (!target.success) return refuse([`--target ${target.issues[0].message}`]);
  const chosen = await choose(positionals, target.output);
  if (!chosen.ok) return refuse(chosen.faults);
  if (values.list) {
    for (const { path, scenario } of chosen.all) print(`${basename(path, ".yaml").padEnd(20)} ${scenario.name}`);
    return 0;
  }
  const board = boardOf(target.output, values);
  if (!board.ok) return refuse(board.faults);
  const kind = await targetKind(target.output, board.settings, say);
  const out = join(resolve(values.out), target.output);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const performances: Performance[] = [];
  for (const { path, scenario } of chosen.all) {
    print(`▶ ${scenario.name}`);
    const performance = await performOn(kind, { path, scenario }, join(out, "stage", basename(path, ".yaml")));
    performances.push(performance);
    // A run that is ended leaves what it saw.
    await writeReports(out, target.output, performances);
    const { ok, skipped } = performance;
    print(ok ? "✔ passed" : `${skipped === null ? "✘" : "– not played:"} ${whatFailed(performance)}`);
  }
  const passed = performances.filter(({ ok }) => ok).length;
  const skipped = performances.filter((each) => each.skipped !== null).length;
  const left = skipped === 0 ? "" : `, ${skipped} not played`;
  print(`${passed} of ${performances.length} passed on ${target.output}${left}. See ${join(out, "index.html")}`);
  return passed > 0 && passed + skipped === performances.length ? 0 : 1;
}

async function performOn(target: TargetKind, { path, scenario }: Chosen, folder: string): Promise<Performance> {
  const why = whyNot(scenario, target.lacks);
  if (why !== null) return skip(scenario, why);
  await mkdir(folder, { recursive: true });
  const performance = await perform({
    scenario,
    path,
    folder,
    target,
    onProgress: say,
    onStep: ({ ok, name, detail }) => print(`  ${ok ? "✔" : "✘"} ${name}: ${detail}`),
  });
  // What went wrong stands in the logs; what went well needs none of the folders, which hold keys.
  if (performance.ok) await rm(folder, { recursive: true, force: true });
  return performance;
}

type Said = Readonly<Partial<Record<keyof typeof BOARD_OPTIONS, string>>>;
type BoardChoice = Readonly<{ ok: true; settings: BoardSettings | null } | { ok: false; faults: readonly string[] }>;

/** How the board is wired, for the one target that is a board. */
function boardOf(target: TargetName, said: Said): BoardChoice {
  const { board, port, baud, play, record, "power-command": powerCommand, address } = said;
  const values = { port, baudRate: baud === undefined ? undefined : Number(baud), play, record, powerCommand, address };
  if (target === "board") return readBoardSettings(board, values);
  const given = Object.keys(BOARD_OPTIONS).filter((name) => Object.hasOwn(said, name));
  if (given.length === 0) return { ok: true, settings: null };
  return { ok: false, faults: [`--${given[0]} is for --target board`] };
}

async function writeReports(out: string, target: TargetName, performances: readonly Performance[]): Promise<void> {
  const pages = performances.map((performance) => ({
    performance,
    href: `${basename(performance.scenario.file, ".yaml")}.html`,
  }));
  for (const { performance, href } of pages) await writeFile(join(out, href), scenarioPage(target, performance));
  await writeFile(join(out, "index.html"), indexPage(target, pages));
  await writeFile(join(out, "junit.xml"), junit(target, performances));
}

type Choice = Readonly<{ ok: true; all: readonly Chosen[] } | { ok: false; faults: readonly string[] }>;

/** Those that were named, by file or by what stands in test/scenarios; none named: all that this target can play. */
async function choose(named: readonly string[], target: TargetName): Promise<Choice> {
  const files = await readdir(SCENARIOS);
  const known = files.filter((file) => file.endsWith(".yaml")).toSorted();
  const paths =
    named.length === 0 ? known.map((file) => join(SCENARIOS, file)) : named.map((name) => pathOf(name, known));
  const all: Chosen[] = [];
  const faults: string[] = [];
  for (const path of paths) {
    const text = await readFile(path, "utf8").catch(() => null);
    if (text === null) {
      faults.push(`there is no scenario ${path}; those that come with Porter: ${known.map(stem).join(", ")}`);
      continue;
    }
    const read = readScenario(path, text);
    if (!read.ok) faults.push(...read.faults);
    else if (read.scenario.targets.includes(target)) all.push({ path, scenario: read.scenario });
    else if (named.length > 0) faults.push(`${path}: is not for the target ${target}`);
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, all };
}

function pathOf(name: string, known: readonly string[]): string {
  return known.includes(`${name}.yaml`) ? join(SCENARIOS, `${name}.yaml`) : resolve(name);
}

function stem(file: string): string {
  return basename(file, ".yaml");
}

function refuse(faults: readonly string[]): number {
  for (const fault of faults) process.stderr.write(`rig: ${fault}\n`);
  return 2;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function say(what: string): void {
  process.stderr.write(`  · ${what}\n`);
}
