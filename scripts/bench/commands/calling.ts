import { grammarFor } from "#device/voice/grammar.ts";
import { makeKitchen } from "../../hear/kitchen.ts";
import { seededRandom } from "../../hear/random.ts";
import type { Measured } from "../report.ts";
import type { Answered } from "./decode.ts";
import { count, type Listening, levelOf, listen, share, taken } from "./listening.ts";
import { isObeyed, OUTCOMES, type Outcome, outcomeOf, type Words } from "./outcome.ts";
import { readPeople } from "./people.ts";
import { sceneFor, stillScene } from "./scene.ts";
import { makeSentences } from "./sentences.ts";
import { type Sound, spoken } from "./spoken.ts";

/** Issue 7's, in per cent. */
const LEAST_UNDERSTOOD = { clean: 95, "12 dB": 88 } as const;
const MOST_OTHERS_OBEYED = 3;
const MOST_WRONG_CALLS = 0;
const NOISE_SECONDS = 60;

/** Everything that can be said to a unit, by synthetic voices, and `others`, which is said to nobody here. */
export async function measureCalling(listening: Listening, others: readonly Sound[]): Promise<Measured[]> {
  const book = readPeople();
  const jsgf = grammarFor(book);
  const kitchen = makeKitchen(NOISE_SECONDS, 1);
  const all = makeSentences(book, seededRandom(1));
  const sentences = taken(all, listening);
  const said = taken(spoken(all.map(({ text }) => text)), listening);
  const measured: Measured[] = [
    count("commands: sentences", sentences.length),
    count("other speech: utterances", others.length),
  ];
  for (const snrDb of [null, 12] as const) {
    const level = levelOf(snrDb);
    const heard = await listen(listening, { jsgf, sounds: said, snrDb, noise: kitchen });
    const outcomesOf = (words: readonly Words[]) =>
      sentences.map((sentence, at) => outcomeOf(sentence, words[at] ?? UNHEARD, sceneFor(sentence.intent, book)));
    const outcomes = outcomesOf(heard);
    const understood = outcomes.map((outcome) => outcome === "right" || outcome === "asked");
    const least = { budget: LEAST_UNDERSTOOD[snrDb === null ? "clean" : "12 dB"], atLeast: true } as const;
    measured.push({ ...share(`commands, ${level}: done, or asked about rightly`, understood, true), ...least });
    for (const [outcome, what] of Object.entries(OUTCOMES))
      measured.push(share(`commands, ${level}: ${what}`, outcomes, outcome));
    measured.push({
      ...count(`commands, ${level}: calls to the wrong person`, wrongCalls(outcomes)),
      budget: MOST_WRONG_CALLS,
    });
    // The control: nobody looks for who else may have been named.
    const unlooked = wrongCalls(outcomesOf(heard.map((each) => ({ ...each, rival: null }))));
    measured.push(count(`commands, ${level}: the same, were nobody else listened for`, unlooked));
    const mistaken = await listen(listening, { jsgf, sounds: others, snrDb, noise: kitchen });
    const obeyed = mistaken.map((each) => isObeyed(each, stillScene(book)));
    measured.push({ ...share(`other speech, ${level}: obeyed`, obeyed, true), budget: MOST_OTHERS_OBEYED });
    measured.push(...costOf(heard, level));
  }
  return measured;
}

function wrongCalls(outcomes: readonly Outcome[]): number {
  return outcomes.filter((outcome) => outcome === "wrong-call").length;
}

const UNHEARD: Words = { text: null, score: Number.NEGATIVE_INFINITY, alike: [], rival: null };

function costOf(heard: readonly Answered[], level: string): Measured[] {
  const sum = (of: (each: Answered) => number) => heard.reduce((total, each) => total + of(each), 0);
  return [
    {
      what: `commands, ${level}: CPU of a core while somebody speaks`,
      value: (100 * sum(({ cpuMs }) => cpuMs)) / sum(({ soundMs }) => soundMs),
      unit: "%",
      budget: null,
    },
    {
      what: `commands, ${level}: CPU from the end of the sound to the words`,
      value: sum(({ endCpuMs }) => endCpuMs) / Math.max(1, heard.length),
      unit: "ms",
      budget: 300,
    },
  ];
}
