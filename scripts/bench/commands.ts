import { existsSync } from "node:fs";
import path from "node:path";
import * as v from "valibot";
import { measureCalling } from "./commands/calling.ts";
import { heldFrom } from "./commands/held.ts";
import { keepCases } from "./commands/keep.ts";
import type { Level } from "./commands/noisy.ts";
import { measureOrders } from "./commands/obeyed-orders.ts";
import { Orders } from "./commands/orders.ts";
import type { Found } from "./commands/rows.ts";
import type { Run } from "./commands/run.ts";
import { measureTalk } from "./commands/talk.ts";
import { UnitEars } from "./commands/unit-ears.ts";
import { entry, flag, natural } from "./entry.ts";
import type { Bench } from "./report.ts";

const PARTS = ["orders", "calling", "talk"] as const;
type Part = (typeof PARTS)[number];
/** A prime, so that every voice and every kind of sentence has its share. */
const QUICK_EVERY = 23;

const Levels = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^(clean|\d\d?)(,(clean|\d\d?))*$/, "not decibels: 12, or 12,6, or clean,12"),
    v.transform((levels) => levels.split(",").map((level): Level => (level === "clean" ? null : Number(level)))),
  ),
);

export const commands = entry({
  summary: `what a unit does about spoken commands, quiet and in a kitchen's noise (20 min of CPU): orders to a coffee
maker by real people, where there are recordings of them; everything that can be said to a unit, by synthetic
voices, with a book of 200 people whose names no dictionary has; and other speech`,
  options: {
    data: {
      value: "FOLDER",
      help: "recordings: commands/, wake/ (../shared/data)",
      schema: v.optional(v.string(), "../shared/data"),
    },
    part: { value: "PART", help: `one of ${PARTS.join(", ")} alone`, schema: v.optional(v.picklist(PARTS)) },
    noise: { value: "DB", help: "such levels alone: 12, or clean,12", schema: Levels },
    every: {
      value: "N",
      help: "only every nth sentence and recording (2; of orders all)",
      schema: v.optional(natural(1, 100, 1)),
    },
    seed: { value: "N", help: "of where in the noise each begins (1)", schema: natural(0, 2 ** 32 - 1, 1) },
    quick: { help: `every ${QUICK_EVERY}rd (2 min)`, schema: flag },
    held: {
      help: "only orders and noise that train-phones/train.py --fold 0 does not learn from; it needs FOLDER/commands/transcripts.json, too",
      schema: flag,
    },
    keep: {
      value: "FOLDER",
      help: "only write what would be said to a unit there, by every voice, with its grammar",
      schema: v.optional(v.string()),
    },
  },
  quick: ["--quick"],
  run: async ({ data, part, noise = null, every: each = null, seed, held, quick, keep }) => {
    const every = quick ? QUICK_EVERY : each;
    if (keep === undefined) return measure(part ?? null, { data, levels: noise, every, seed }, held);
    console.error(`${await keepCases(keep, every ?? 1)} sentences are in ${keep}`);
    return true;
  },
});

async function measure(part: Part | null, run: Run, held: boolean): Promise<Bench> {
  const folder = path.join(run.data, "commands");
  const all = existsSync(path.join(folder, "labels.json")) ? await Orders.read(folder) : null;
  const orders = held && all !== null ? await heldFrom(all) : all;
  if (orders === null) console.error(`Recorded orders are left out: there are none in ${folder} (--data FOLDER)`);
  const found: Found[] = [];
  for (const each of part === null ? PARTS : [part]) found.push(await measurePart(each, orders, run));
  const { user, system } = process.cpuUsage();
  const cpu = { what: "CPU that this took", value: (user + system) / 60e6, unit: "min", budget: null } as const;
  return {
    name: "commands",
    measured: [...found.flatMap(({ measured }) => measured), cpu],
    series: found.flatMap(({ series }) => series),
  };
}

async function measurePart(part: Part, orders: Orders | null, run: Run): Promise<Found> {
  const open = () => new UnitEars();
  switch (part) {
    case "orders":
      return orders === null ? { measured: [], series: [] } : measureOrders(open, orders, run);
    case "calling":
      return measureCalling(open, run);
    case "talk":
      return measureTalk(open, orders, run);
  }
}
