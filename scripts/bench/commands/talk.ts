import { grammarFor } from "#device/voice/grammar.ts";
import { makeKitchen } from "../../hear/kitchen.ts";
import { type Ears, hearAll } from "./ears.ts";
import { inNoise, type Level, nameOf } from "./noisy.ts";
import type { Orders } from "./orders.ts";
import { recordedOrders, recordedWords, talk } from "./others.ts";
import { isObeyed } from "./outcome.ts";
import { readPeople } from "./people.ts";
import { count, type Found, scores, share } from "./rows.ts";
import type { Run } from "./run.ts";
import { stillScene } from "./scene.ts";

/** Issue 7's, in per cent. */
const MOST_OBEYED = 3;
const LEVELS: readonly Level[] = [null, 12];
const NOISE_SECONDS = 60;

/** What a unit does about what is not meant for it, as though its wake word had been heard by mistake. */
export async function measureTalk(
  ears: readonly Ears[],
  orders: Orders | null,
  { data, levels, every, seed }: Run,
): Promise<Found> {
  const book = readPeople();
  const scene = stillScene(book);
  const jsgf = grammarFor(book);
  const kitchen = makeKitchen(NOISE_SECONDS, 1);
  const kinds = [talk(every), recordedWords(data, every), recordedOrders(orders, every)];
  const measured = kinds.map(({ what, sounds }) => count(`other speech, ${what}: utterances`, sounds.length));
  const found: Found[] = [{ measured, series: [] }];
  for (const level of levels ?? LEVELS) {
    const all: { score: number; obeyed: boolean; isTaken: boolean }[] = [];
    for (const { what, sounds } of kinds) {
      const heard = await hearAll(ears, jsgf, inNoise(sounds, kitchen, level, seed));
      const judged = heard.map((each) => ({
        score: each.score,
        obeyed: isObeyed(each, scene),
        isTaken: isObeyed({ ...each, score: 0 }, scene),
      }));
      const obeyed = judged.map((each) => each.obeyed);
      if (sounds.length > 0)
        found.push({ measured: [share(`other speech, ${nameOf(level)}, ${what}: obeyed`, obeyed, true)], series: [] });
      all.push(...judged);
    }
    const obeyed = all.map((each) => each.obeyed);
    const whole = {
      ...share(`other speech, ${nameOf(level)}: leads to any action`, obeyed, true),
      budget: MOST_OBEYED,
    };
    const taken = all.filter(({ isTaken }) => isTaken).map(({ score }) => score);
    found.push({ measured: [whole], series: [] }, scores(`other speech, ${nameOf(level)}, taken for a command`, taken));
  }
  return { measured: found.flatMap((each) => each.measured), series: found.flatMap((each) => each.series) };
}
