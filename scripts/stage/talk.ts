import { setTimeout as sleep } from "node:timers/promises";
import type { Figures } from "./figures.ts";
import type { Home } from "./home.ts";
import { callIs, command, quiet } from "./person.ts";
import { type Listener, loudestDbfs, type SpokenSentence } from "./recording.ts";

/** The far end's voice arrives within the leg's delay; the end of the slice leaves it room. */
const TAIL_MS = 600;
/** A command that was none is given up by then. */
const AGAIN_AFTER_MS = 2_000;

/** A unit that took something else for its wake word keeps a sentence to itself; people say it again. */
const SAID_AT_MOST = 2;

/** One says a sentence into their room; it must be recognised in what the other's loudspeaker played. */
export async function hears(
  speaker: Home,
  hearer: Home,
  sentence: SpokenSentence,
  listener: Listener,
): Promise<string> {
  let missed = "";
  for (let said = 1; said <= SAID_AT_MOST; said++) {
    const { fromMs, toMs } = await speaker.say(sentence);
    const samples = await hearer.recording.slice("loudspeaker", fromMs, toMs + TAIL_MS);
    const { text, score } = await listener.hear(samples);
    if (text === sentence) {
      return `${hearer.name} heard "${text}" (${score.toFixed(2)}${said > 1 ? ", said again" : ""})`;
    }
    missed = `${text ?? "nothing"} (${loudestDbfs(samples).toFixed(0)} dBFS)`;
    await sleep(AGAIN_AFTER_MS);
  }
  throw new Error(`${hearer.name} should have heard "${sentence}" from ${speaker.name}, but heard ${missed}`);
}

/** Both hear each other. */
export async function hearEachOther(
  one: Home,
  other: Home,
  sentences: readonly [SpokenSentence, SpokenSentence],
  listener: Listener,
): Promise<string> {
  const there = await hears(one, other, sentences[0], listener);
  const back = await hears(other, one, sentences[1], listener);
  return `${there}; ${back}`;
}

/** By voice: one calls, the other's unit rings and says who it is. */
export async function ringUp(caller: Home, callee: Home, figures: Figures): Promise<string> {
  const since = Date.now();
  const called = await command(caller, `call ${callee.name}`, callIs("calling"));
  figures.wakeToActionMs.push(called.actedMs - called.endOfSpeechMs);
  await callee.unit.happens("the ring", ({ event }) => event === "ring", { since });
  await callee.unit.happens("the ringing light", ({ detail }) => detail?.scene === "ringing", { since });
  const who = `${caller.name} is calling.`;
  await callee.unit.happens("saying who it is", ({ detail }) => detail?.sentence === who, { since });
  return `"call ${callee.name}" understood at try ${called.tries}${called.confirmed ? " and confirmed" : ""}`;
}

/** By voice: the callee answers, and sound flows. */
export async function answer(caller: Home, callee: Home, figures: Figures): Promise<string> {
  await quiet(callee);
  const since = Date.now();
  const answered = await command(callee, "answer", callIs("answering"));
  figures.wakeToActionMs.push(answered.actedMs - answered.endOfSpeechMs);
  const sounds = await Promise.all(
    [caller, callee].map(({ unit }) => unit.happens("the first sound", isSound, { since })),
  );
  const answerMs = Math.max(...sounds.map(({ at }) => at)) - answered.actedMs;
  figures.answerToSoundMs.push(answerMs);
  return `sound both ways ${Math.round(answerMs)} ms after the answer`;
}

function isSound({ event }: { event: string }): boolean {
  return event === "ears-leg-sound";
}

/** By voice: one hangs up, and both are idle. */
export async function hangUp(who: Home, other: Home, figures: Figures): Promise<void> {
  const since = Date.now();
  const ended = await command(who, "hang up", callIs("idle"));
  figures.wakeToActionMs.push(ended.actedMs - ended.endOfSpeechMs);
  await other.unit.happens("the end of the call", callIs("idle"), { since });
}
