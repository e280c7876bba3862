import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { seededRandom } from "#scripts/hear/random.ts";
import { type Control, type Cut, UnitToCut } from "./life-of-unit.ts";
import { addCut, describe, lostIn, newTotals, readTotals, type Totals, writeTotals } from "./totals.ts";

export type RunOptions = Readonly<{
  cuts: number;
  seed: number;
  jobs: number;
  resume: boolean;
  control: Control | null;
  folder: string;
  library: string;
  tell: (line: string) => void;
}>;

/** So many lives has a unit; then a new one begins, so that first starts are cut, too. */
const LIVES = 50;
const WHOLE_EVERY = 25;
const TOLD_EVERY = 10;

/** Cuts the power so often and tells what was lost. */
export async function cutOverAndOver(options: RunOptions): Promise<Readonly<{ lost: number; totals: Totals }>> {
  const { folder: given, tell, resume, control } = options;
  const folder = resolve(given);
  const before = resume ? readTotals(folder) : null;
  if (resume && !before) throw new Error(`there is no run to resume in ${folder}`);
  if (before && before.control !== control)
    throw new Error(`the run in ${folder} was another: ${before.control ?? "no control"}`);
  const totals = before ?? newTotals(options.seed, control);
  tell(
    `seed ${totals.seed}${before ? `, resumed after ${before.cuts} cuts` : ""}; to see it again: --seed ${totals.seed}`,
  );
  const startedMs = performance.now();
  const tookBeforeS = totals.tookS;
  const note = (cut: Cut) => {
    addCut(totals, cut);
    totals.tookS = tookBeforeS + (performance.now() - startedMs) / 1_000;
    writeTotals(folder, totals);
    if (cut.losses.length > 0 || totals.cuts % TOLD_EVERY === 0) tell(progressOf(totals, options.cuts));
  };
  const jobs = Array.from({ length: options.jobs }, (_, index) =>
    new Job({ ...options, folder }, totals, index, note).run(),
  );
  await Promise.all(jobs);
  tell(describe(totals));
  return { lost: lostIn(totals), totals };
}

function progressOf(totals: Totals, cuts: number): string {
  const leftMin = ((totals.tookS / totals.cuts) * (cuts - totals.cuts)) / 60;
  const promises = Object.values(totals.confirmed).reduce((sum, count) => sum + count, 0);
  const { cuts: done, during } = totals;
  return `${done}/${cuts} cuts, ${lostIn(totals)} lost, ${promises} promises, ${during} cut under way, ${leftMin.toFixed(0)} min left`;
}

/** One unit after the other. */
class Job {
  readonly #options: RunOptions;
  readonly #totals: Totals;
  readonly #note: (cut: Cut) => void;
  readonly #folder: string;
  readonly #random: () => number;

  constructor(options: RunOptions, totals: Totals, index: number, note: (cut: Cut) => void) {
    this.#options = options;
    this.#totals = totals;
    this.#note = note;
    this.#folder = join(options.folder, `unit-${index}`);
    // Golden-ratio steps keep neighbours apart; a resumed run draws anew.
    this.#random = seededRandom((Math.imul(index + 1, 0x9e3779b1) ^ (totals.seed + totals.cuts)) >>> 0);
  }

  async run(): Promise<void> {
    while (this.#isWanted()) await this.#oneUnit();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #isWanted(): boolean {
    return this.#totals.cuts < this.#options.cuts;
  }

  async #oneUnit(): Promise<void> {
    const { library, control } = this.#options;
    const unit = await UnitToCut.make({ folder: this.#folder, library, control, random: this.#random });
    this.#totals.units += 1;
    for (let lives = 1; lives <= LIVES && this.#isWanted(); lives += 1) {
      const counted = new Map(Object.entries(unit.ledger.counts));
      const { confirmed, gaveWay, resumed } = unit.ledger.firmware;
      const cut = lives % WHOLE_EVERY === 0 ? await unit.startWhole() : await unit.live();
      for (const [what, count] of Object.entries(unit.ledger.counts)) {
        this.#totals.confirmed[what] = (this.#totals.confirmed[what] ?? 0) + count - (counted.get(what) ?? 0);
      }
      const { firmware } = this.#totals;
      firmware.confirmed += unit.ledger.firmware.confirmed - confirmed;
      firmware.gaveWay += unit.ledger.firmware.gaveWay - gaveWay;
      firmware.resumed += unit.ledger.firmware.resumed - resumed;
      this.#note(cut);
      if (cut.losses.length === 0) continue;
      this.#keepEvidence(unit, cut);
      return;
    }
  }

  /** The disk as it was found, and what stood on the console. */
  #keepEvidence(unit: UnitToCut, cut: Cut): void {
    const folder = join(this.#options.folder, `lost-${this.#totals.cuts}`);
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(this.#folder, "disk.ext4"), join(folder, "disk.ext4"));
    copyFileSync(join(this.#folder, "plan.json"), join(folder, "plan.json"));
    writeFileSync(join(folder, "console.txt"), `${unit.console.join("\n")}\n`);
    writeFileSync(join(folder, "losses.json"), `${JSON.stringify(cut.losses, null, 1)}\n`);
  }
}
