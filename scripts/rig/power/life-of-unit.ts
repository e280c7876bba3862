import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Ledger, type Loss } from "./ledger.ts";
import { Machine } from "./machine.ts";
import type { Deed, Plan, Said } from "./messages.ts";
import { makeUnit, REPOSITORY, type UnitFiles } from "./unit-disk.ts";

/** `normal`: the database asks for `synchronous=NORMAL`. `lying-disk`: the disk does not flush. Both must be caught. */
export type Control = "normal" | "lying-disk";

export type UnitOptions = Readonly<{
  folder: string;
  library: string;
  control: Control | null;
  random: () => number;
}>;

/** How the power of one life was cut. */
export type Cut = Readonly<{
  losses: readonly Loss[];
  /** What was under way. */
  underWay: readonly Deed["do"][];
  /** Cut before the unit was up. */
  whileStarting: boolean;
  /** The whole unit was started, and not just its stores and brain. */
  whole: boolean;
  /** From power to the first word of the unit, of what was started to the end. */
  startMs: number | null;
  tookMs: number;
}>;

const INIT = fileURLToPath(new URL("guest/init", import.meta.url));
const LIFE = join(REPOSITORY, "scripts/rig/power/guest/life.ts");
const WHOLE = join(REPOSITORY, "scripts/rig/power/guest/whole.ts");
const WEAKEN = new URL("weaken.ts", import.meta.url).href;
const STARTS_WITHIN_MS = 300_000;
const WHOLE_STARTS_WITHIN_MS = 600_000;
const CUT_AFTER_MS = { least: 200, most: 3_000 };
/** From when the disk is there: the stores are opened, and what a cut left is mended. */
const CUT_WHILE_STARTING_MS = { least: 0, most: 2_500 };
const WHILE_STARTING = 0.1;
const SAME_BUNDLE = 0.8;
/** What the disk puts away before it is told to, in hundredths of the sectors; one that lies never puts anything away. */
const KEEPS = [0, 0, 30, 70, 95, 100] as const;
const NOTHING_SAID = { mounted: null, up: null, done: null } as const;
const MEMORY_MB = 320;
const WHOLE_MEMORY_MB = 900;

/** One unit, its disk and what it promised. Its power is cut over and over. */
export class UnitToCut {
  readonly #options: UnitOptions;
  readonly #files: UnitFiles;
  readonly ledger = new Ledger();
  /** What stood on the console in its last life. */
  console: string[] = [];
  #losses: Loss[] = [];
  #lives = 0;
  #saidMs: Record<"mounted" | "up" | "done", number | null> = { ...NOTHING_SAID };
  #unitSaid: Extract<Said, { say: "unit" }> | null = null;

  constructor(options: UnitOptions, files: UnitFiles) {
    this.#options = options;
    this.#files = files;
  }

  static async make(options: UnitOptions): Promise<UnitToCut> {
    return new UnitToCut(options, await makeUnit(options.folder));
  }

  /** Starts it, lets it work a while, and cuts its power at a random moment. */
  async live(): Promise<Cut> {
    const { random } = this.#options;
    const startedMs = performance.now();
    const machine = this.#start(LIFE, MEMORY_MB);
    const whileStarting = random() < WHILE_STARTING;
    if (whileStarting) {
      await this.#until(() => this.#saidMs.mounted !== null, STARTS_WITHIN_MS, "the guest did not start");
      await sleep(between(random, CUT_WHILE_STARTING_MS));
    } else {
      await this.#until(() => this.#saidMs.done !== null, STARTS_WITHIN_MS, "the unit did nothing");
      await sleep(between(random, CUT_AFTER_MS));
    }
    await machine.cutPower();
    return this.#cut(startedMs, { whole: false, whileStarting });
  }

  /** Starts the whole unit with its audio process, and looks whether it is well. */
  async startWhole(): Promise<Cut> {
    const startedMs = performance.now();
    const machine = this.#start(WHOLE, WHOLE_MEMORY_MB);
    await this.#until(() => this.#unitSaid !== null, WHOLE_STARTS_WITHIN_MS, "the whole unit did not start");
    await machine.cutPower();
    const said = this.#unitSaid;
    if (said) this.#losses.push(...this.ledger.judgeWhole(said));
    return this.#cut(startedMs, { whole: true, whileStarting: false });
  }

  #cut(startedMs: number, rest: Pick<Cut, "whole" | "whileStarting">): Cut {
    const { up } = this.#saidMs;
    const startMs = up === null ? null : up - startedMs;
    const { underWay } = this.ledger;
    return { losses: this.#losses, underWay, startMs, tookMs: performance.now() - startedMs, ...rest };
  }

  #start(runs: string, memoryMb: number): Machine {
    const { folder, library, control, random } = this.#options;
    const { disk, config, code, sendersFolder } = this.#files;
    const plan = join(folder, "plan.json");
    writeFileSync(plan, JSON.stringify(this.#plan()));
    this.console = [];
    this.#losses = [];
    this.#saidMs = { ...NOTHING_SAID };
    this.#unitSaid = null;
    this.ledger.firmware.started();
    this.#lives += 1;
    // A control loses what it says that it has, and not that it was ever made.
    const isWeak = control === "normal" && this.#lives > 1;
    const env = { PLAN: plan, RUNS: runs, CONFIG: config, SENDERS: sendersFolder, NODE_COMPILE_CACHE: code };
    const lies = control === "lying-disk" && this.#lives > 1;
    const keeps = KEEPS[Math.floor(random() * (lies ? 1 : KEEPS.length))] ?? 0;
    return new Machine({
      library,
      disk,
      init: INIT,
      env: { ...env, ...(isWeak && { NODE_OPTIONS: `--import=${WEAKEN}` }) },
      folder,
      memoryMb,
      keeps,
      seed: Math.floor(random() * 2 ** 31),
      lies,
      onSaid: (said) => this.#hear(said),
      onText: (line) => this.console.push(line),
    });
  }

  #plan(): Plan {
    const { random } = this.#options;
    const { senders, bundles } = this.#files;
    const { ledger } = this;
    const same =
      random() < SAME_BUNDLE ? bundles.find(({ version }) => version === ledger.firmware.halfWay) : undefined;
    const bundle = same ?? bundles[Math.floor(random() * bundles.length)];
    if (!bundle) throw new Error("there is no bundle");
    ledger.asked = ledger.callers();
    return { seed: Math.floor(random() * 2 ** 31), senders, bundle, callers: [...ledger.asked], ...ledger.plan() };
  }

  #hear(said: Said): void {
    const { ledger } = this;
    switch (said.say) {
      case "mounted":
        this.#saidMs.mounted ??= performance.now();
        return;
      case "found":
        this.#saidMs.up ??= performance.now();
        this.#losses.push(...ledger.judge(said.found, said.firmware));
        return;
      case "begin":
        ledger.begin(said.n, said.deed);
        return;
      case "done":
        this.#saidMs.done ??= performance.now();
        ledger.done(said.n);
        return;
      case "resumed":
        this.#losses.push(...ledger.firmware.resume(said.version, said.offset));
        return;
      case "unit":
        this.#saidMs.up ??= performance.now();
        this.#unitSaid = said;
        return;
      case "ended":
        ledger.firmware.started();
        this.console.push(`the unit ended with ${said.code}`);
        return;
      case "trouble":
        this.#losses.push({ what: "start", detail: said.text });
    }
  }

  /** Also when something is lost: there is nothing more to wait for. */
  async #until(isSo: () => boolean, withinMs: number, otherwise: string): Promise<void> {
    const untilMs = performance.now() + withinMs;
    while (!isSo() && this.#losses.length === 0) {
      if (performance.now() > untilMs) {
        this.#losses.push({ what: "start", detail: otherwise });
        return;
      }
      await sleep(10);
    }
  }
}

function between(random: () => number, { least, most }: { least: number; most: number }): number {
  return least + random() * (most - least);
}
