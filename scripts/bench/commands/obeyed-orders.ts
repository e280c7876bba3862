import { CONFIDENCE } from "#device/voice/confidence.ts";
import type { Measured } from "../report.ts";
import { hearAll, type OpenEars, type Sound, type Words } from "./ears.ts";
import { inNoise, type Level, nameOf } from "./noisy.ts";
import type { Orders } from "./orders.ts";
import { recordedWords, talk } from "./others.ts";
import { count, type Found, scores, share, taken } from "./rows.ts";
import type { Run } from "./run.ts";

/** Issue 7's, in per cent of the orders that are accepted and right. */
const LEAST_RIGHT: Readonly<Record<string, number>> = { clean: 97.5, "12 dB": 92, "6 dB": 85 };
const MOST_OTHERS = 2;
const LEVELS: readonly Level[] = [null, 12, 9, 6];
/** Where other speech is tried as well. */
const WITH_OTHERS: ReadonlySet<Level> = new Set([null, 12]);

/**
 * What the recordings' own benchmark publishes (Picovoice, speech-to-intent-benchmark): commands right at 12, 9 and
 * 6 dB, kitchen and cafe together.
 */
const PUBLISHED: Readonly<Record<string, readonly number[]>> = { Rhino: [98, 97, 96], Dialogflow: [83, 78, 70] };

/** Orders to a coffee maker, by real people, with the grammar that they were spoken from. */
export async function measureOrders(open: OpenEars, orders: Orders, run: Run): Promise<Found> {
  const { grammar, noise } = orders;
  const { levels, every, seed, data } = run;
  const names = taken(orders.names, every ?? 1);
  const sounds = names.map(
    (name): Sound =>
      () =>
        orders.sound(name),
  );
  const others = [talk(every), recordedWords(data, every)].flatMap((each) => each.sounds);
  const found: Found[] = [{ measured: [count("orders: recordings", names.length)], series: [] }];
  for (const level of levels ?? LEVELS) {
    const heard = await hearAll(open, grammar, inNoise(sounds, noise, level, seed));
    const isRight = heard.map(({ text }, at) => text !== null && orders.isRight(names[at] ?? "", text));
    found.push(judged(nameOf(level), heard, isRight));
    if (!WITH_OTHERS.has(level)) continue;
    const mistaken = await hearAll(open, grammar, inNoise(others, noise, level, seed));
    const what = `orders, ${nameOf(level)}: other speech taken for one`;
    const measured = [{ ...share(what, mistaken.map(isAccepted), true), budget: MOST_OTHERS }];
    found.push({
      measured,
      series: scores(
        what,
        mistaken.map(({ score }) => score),
      ).series,
    });
  }
  return {
    measured: [...found.flatMap(({ measured }) => measured), ...published()],
    series: found.flatMap(({ series }) => series),
  };
}

function judged(level: string, heard: readonly Words[], isRight: readonly boolean[]): Found {
  const verdicts = heard.map((each, at) => (isAccepted(each) ? isRight[at] : null));
  const right = scores(
    `orders, ${level}, heard right`,
    heard.filter((_, at) => isRight[at]).map(({ score }) => score),
  );
  const wrong = scores(
    `orders, ${level}, heard wrong`,
    heard.filter((_, at) => !isRight[at]).map(({ score }) => score),
  );
  const measured: Measured[] = [
    {
      ...share(`orders, ${level}: accepted and right`, verdicts, true),
      budget: LEAST_RIGHT[level] ?? null,
      atLeast: true,
    },
    share(`orders, ${level}: accepted and wrong`, verdicts, false),
    share(`orders, ${level}: rejected`, verdicts, null),
    share(`orders, ${level}: the words heard right, sure or not`, isRight, true),
  ];
  return { measured: [...measured, ...right.measured, ...wrong.measured], series: [...right.series, ...wrong.series] };
}

function published(): Measured[] {
  return Object.entries(PUBLISHED).flatMap(([engine, shares]) =>
    shares.map(
      (value, at): Measured => ({
        what: `published: ${engine}, ${nameOf([12, 9, 6][at] ?? null)}: right`,
        value,
        unit: "%",
        budget: null,
      }),
    ),
  );
}

function isAccepted({ text, score }: Words): boolean {
  return text !== null && score >= CONFIDENCE.accept;
}
