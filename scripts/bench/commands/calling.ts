import type { Book } from "#device/gate/book.ts";
import { grammarFor } from "#device/voice/grammar.ts";
import { makeKitchen } from "../../hear/kitchen.ts";
import type { Measured } from "../report.ts";
import { type Case, makeCases } from "./cases.ts";
import { type Answered, hearAll, type OpenEars } from "./ears.ts";
import { inNoise, type Level, nameOf } from "./noisy.ts";
import { OUTCOMES, type Outcome, outcomeOf } from "./outcome.ts";
import { readPeople } from "./people.ts";
import { count, type Found, scores, share, taken } from "./rows.ts";
import type { Run } from "./run.ts";
import { sceneFor } from "./scene.ts";
import { say, VOICES, voiceOf } from "./spoken.ts";

/** Issue 7's, in per cent. */
const LEAST_UNDERSTOOD: Readonly<Record<string, number>> = { clean: 95, "12 dB": 88 };
const MOST_WRONG_CALLS = 0;
const LEVELS: readonly Level[] = [null, 12];
const NOISE_SECONDS = 60;
/** 389 sentences, which name 197 people. */
const EVERY = 2;

/** What a unit did about it. `unchecked`: what it would have done, had it been sure. */
type Judged = Case & Readonly<{ heard: Answered; outcome: Outcome; unchecked: Outcome }>;

/** Everything that can be said to a unit, by synthetic voices in turn. */
export async function measureCalling(open: OpenEars, { levels, every, seed }: Run): Promise<Found> {
  const book = readPeople();
  const jsgf = grammarFor(book);
  const kitchen = makeKitchen(NOISE_SECONDS, 1);
  const cases = taken(makeCases(book), every ?? EVERY);
  const sounds = cases.map(
    ({ sentence, voice }) =>
      () =>
        say(voice, sentence.text),
  );
  const found: Found[] = [{ measured: [count("commands: sentences", cases.length)], series: [] }];
  for (const level of levels ?? LEVELS) {
    const heard = await hearAll(open, jsgf, inNoise(sounds, kitchen, level, seed));
    found.push(judge(`commands, ${nameOf(level)}`, cases, heard, book, LEAST_UNDERSTOOD[nameOf(level)] ?? null));
  }
  return { measured: found.flatMap(({ measured }) => measured), series: found.flatMap(({ series }) => series) };
}

/** `heard` stands in the order of `cases`; `least`: per cent that should be understood. */
export function judge(
  what: string,
  cases: readonly Case[],
  heard: readonly Answered[],
  book: Book,
  least: number | null,
): Found {
  const judged = heard.flatMap((each, at): Judged[] => {
    const one = cases[at];
    if (one === undefined) return [];
    const scene = sceneFor(one.sentence.intent, book);
    const outcome = outcomeOf(one.sentence, each, scene);
    const unchecked = outcomeOf(one.sentence, { ...each, score: 0 }, scene);
    return [{ ...one, heard: each, outcome, unchecked }];
  });
  const outcomes = judged.map(({ outcome }) => outcome);
  const right = scores(`${what}: heard right`, scoresOf(judged, ["right"]));
  const wrong = scores(`${what}: heard wrong`, scoresOf(judged, WRONG));
  const ofAll = Object.entries(OUTCOMES).map(([outcome, called]) => share(`${what}: ${called}`, outcomes, outcome));
  const measured: Measured[] = [
    { ...understood(`${what}: done, or asked about rightly`, judged), budget: least, atLeast: true },
    ...ofAll,
    {
      ...count(`${what}: calls to the wrong person`, outcomes.filter((each) => each === "wrong-call").length),
      budget: MOST_WRONG_CALLS,
    },
    ...ofCalls(what, judged),
    share(
      `${what}: the words heard right, sure or not`,
      judged.map(({ unchecked }) => unchecked),
      "right",
    ),
    ...VOICES.map((voice) =>
      understood(
        `${what}, ${voiceOf(voice)}: done, or asked about rightly`,
        judged.filter((each) => each.voice === voice),
      ),
    ),
    ...right.measured,
    ...wrong.measured,
    ...costOf(what, heard),
  ];
  return { measured, series: [...right.series, ...wrong.series] };
}

const WRONG: readonly Outcome[] = ["elsewhere", "wrong-call", "wrong-person", "other"];

function scoresOf(judged: readonly Judged[], outcomes: readonly Outcome[]): number[] {
  return judged.flatMap(({ unchecked, heard }) => (outcomes.includes(unchecked) ? [heard.score] : []));
}

function understood(what: string, judged: readonly Judged[]): Measured {
  return share(
    what,
    judged.map(({ outcome }) => outcome === "right" || outcome === "asked"),
    true,
  );
}

/** Of the calls that went to whom they should, how many only after a question that a sure ear would not ask? */
function ofCalls(what: string, judged: readonly Judged[]): Measured[] {
  const calls = judged.filter(({ sentence }) => sentence.intent === "call");
  const led = calls.map(({ outcome }) => outcome).filter((outcome) => outcome === "right" || outcome === "asked");
  return [
    understood(`${what}, calls alone: done, or asked about rightly`, calls),
    share(`${what}, calls alone: of these asked about for being unsure`, led, "asked"),
  ];
}

function costOf(what: string, heard: readonly Answered[]): Measured[] {
  const sum = (of: (each: Answered) => number) => heard.reduce((total, each) => total + of(each), 0);
  return [
    {
      what: `${what}: CPU of a core while somebody speaks`,
      value:
        (100 * sum(({ cpuMs }) => cpuMs)) /
        Math.max(
          1,
          sum(({ soundMs }) => soundMs),
        ),
      unit: "%",
      budget: null,
    },
    {
      what: `${what}: CPU from the end of the sound to the words`,
      value: sum(({ endCpuMs }) => endCpuMs) / Math.max(1, heard.length),
      unit: "ms",
      budget: null,
    },
  ];
}
