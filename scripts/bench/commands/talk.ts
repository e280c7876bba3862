import { grammarFor } from "#device/voice/grammar.ts";
import { makeKitchen } from "../../hear/kitchen.ts";
import { hearAll, type OpenEars } from "./ears.ts";
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
  open: OpenEars,
  orders: Orders | null,
  { data, levels, every, seed }: Run,
): Promise<Found> {
  const book = readPeople();
  const scene = stillScene(book);
  const jsgf = grammarFor(book);
  const kitchen = makeKitchen(NOISE_SECONDS, 1);
  const kinds = [talk(every), recordedWords(data, every), recordedOrders(orders, every)];
  const said = kinds.flatMap(({ sounds }) => sounds);
  const measured = kinds.map(({ what, sounds }) => count(`other speech, ${what}: utterances`, sounds.length));
  const found: Found[] = [{ measured, series: [] }];
  for (const level of levels ?? LEVELS) {
    const heard = await hearAll(open, jsgf, inNoise(said, kitchen, level, seed));
    const obeyed = heard.map((each) => isObeyed(each, scene));
    let from = 0;
    for (const { what, sounds } of kinds) {
      const ofKind = obeyed.slice(from, from + sounds.length);
      from += sounds.length;
      if (sounds.length > 0)
        found.push({ measured: [share(`other speech, ${nameOf(level)}, ${what}: obeyed`, ofKind, true)], series: [] });
    }
    const whole = {
      ...share(`other speech, ${nameOf(level)}: leads to any action`, obeyed, true),
      budget: MOST_OBEYED,
    };
    const taken = heard.filter((each) => isObeyed({ ...each, score: 0 }, scene)).map(({ score }) => score);
    found.push({ measured: [whole], series: [] }, scores(`other speech, ${nameOf(level)}, taken for a command`, taken));
  }
  return { measured: found.flatMap((each) => each.measured), series: found.flatMap((each) => each.series) };
}
