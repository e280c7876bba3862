import { existsSync } from "node:fs";
import path from "node:path";
import * as v from "valibot";
import { CONFIDENCE } from "#device/voice/confidence.ts";
import { seededRandom } from "../hear/random.ts";
import { measureCalling } from "./commands/calling.ts";
import { type Answered, Decoders } from "./commands/decode.ts";
import { count, type Listening, levelOf, listen, share, taken } from "./commands/listening.ts";
import { Orders } from "./commands/orders.ts";
import { recordedWords, type Sound, spokenTalk } from "./commands/spoken.ts";
import { entry, flag, natural } from "./entry.ts";
import type { Measured } from "./report.ts";

/** Issue 7's, in per cent of the orders that are accepted and right. */
const LEAST_RIGHT: Readonly<Record<string, number>> = { clean: 97.5, "12 dB": 92, "6 dB": 85 };
const MOST_OTHERS = 2;
const LEVELS_DB = [null, 12, 9, 6] as const;
/** A prime, so that every voice and every kind of sentence has its share. */
const QUICK_EVERY = 23;
/** Of other speech there is more than is needed to tell. */
const OTHERS_EVERY = 3;

/**
 * What the recordings' own benchmark publishes (Picovoice, speech-to-intent-benchmark): commands right at 12, 9 and
 * 6 dB, kitchen and cafe together.
 */
const PUBLISHED: Readonly<Record<string, readonly number[]>> = { Rhino: [98, 97, 96], Dialogflow: [83, 78, 70] };

export const commands = entry({
  summary: `what a unit does about spoken commands, quiet and in a kitchen's noise, and about other speech (20 min of CPU):
everything that can be said, by synthetic voices, with a book of 200 people whose names no dictionary has; and
orders to a coffee maker by real people, where there are recordings of them`,
  options: {
    data: {
      value: "FOLDER",
      help: "recordings: commands/, wake/ (../shared/data)",
      schema: v.optional(v.string(), "../shared/data"),
    },
    seed: { value: "N", help: "of where in the noise each begins (1)", schema: natural(0, 2 ** 32 - 1, 1) },
    every: { value: "N", help: "only every nth sentence and recording (1)", schema: natural(1, 100, 1) },
    quick: { help: `every ${QUICK_EVERY}rd (2 min)`, schema: flag },
  },
  quick: ["--quick"],
  run: async ({ data, seed, every, quick }) => {
    await using decoders = new Decoders();
    const listening = { decoders, random: seededRandom(seed), every: quick ? QUICK_EVERY : every };
    const folder = path.join(data, "commands");
    const orders = existsSync(path.join(folder, "labels.json")) ? await Orders.read(folder) : null;
    const others = taken([...spokenTalk(), ...(await recordedWords(data))], {
      every: OTHERS_EVERY * listening.every,
    });
    if (orders === null) {
      console.error(`Recorded orders are left out: there are none in ${folder} (--data FOLDER)`);
      return { name: "commands", measured: await measureCalling(listening, others) };
    }
    const ofOrders = await measureOrders(listening, orders, others);
    const theirs = taken(orders.names, { every: 2 * listening.every }).map(
      (name): Sound =>
        () =>
          orders.sound(name),
    );
    return { name: "commands", measured: [...ofOrders, ...(await measureCalling(listening, [...others, ...theirs]))] };
  },
});

async function measureOrders(listening: Listening, orders: Orders, others: readonly Sound[]): Promise<Measured[]> {
  const { grammar, noise } = orders;
  const names = taken(orders.names, listening);
  const measured: Measured[] = [count("orders: recordings", names.length)];
  for (const snrDb of LEVELS_DB) {
    const sounds = names.map(
      (name): Sound =>
        () =>
          orders.sound(name),
    );
    const heard = await listen(listening, { jsgf: grammar, sounds, snrDb, noise });
    const verdicts = heard.map((each, at) =>
      isAccepted(each) ? orders.isRight(names[at] ?? "", each.text ?? "") : null,
    );
    const level = levelOf(snrDb);
    measured.push({
      ...share(`orders, ${level}: right`, verdicts, true),
      budget: LEAST_RIGHT[level] ?? null,
      atLeast: true,
    });
    measured.push(share(`orders, ${level}: wrong`, verdicts, false));
    measured.push(share(`orders, ${level}: rejected`, verdicts, null));
    if (snrDb !== null && snrDb !== 12) continue;
    const mistaken = await listen(listening, { jsgf: grammar, sounds: others, snrDb, noise });
    measured.push({
      ...share(`orders, ${level}: other speech taken for one`, mistaken.map(isAccepted), true),
      budget: MOST_OTHERS,
    });
  }
  return [...measured, ...published()];
}

function published(): Measured[] {
  return Object.entries(PUBLISHED).flatMap(([engine, shares]) =>
    shares.map(
      (value, at): Measured => ({
        what: `published: ${engine}, ${levelOf(LEVELS_DB[at + 1] ?? null)}: right`,
        value,
        unit: "%",
        budget: null,
      }),
    ),
  );
}

function isAccepted({ text, score }: Answered): boolean {
  return text !== null && score >= CONFIDENCE.accept;
}
