import { setTimeout as sleep } from "node:timers/promises";
import { SILENCE_DBFS } from "./figures.ts";
import type { Home } from "./home.ts";
import { command, quiet, silent } from "./person.ts";
import { type Listener, peakDbfs, type SpokenSentence } from "./recording.ts";
import { traceOf } from "./trace.ts";

/** The tone that invites to speak, and a breath. */
const TONE_MS = 1_200;
/** A silence ends the recording after 2.5 s; what is asked then takes its time. */
const ASKED_WITHIN_MS = 12_000;
const SENT_WITHIN_MS = 30_000;
const ANSWERS_AT_MOST = 3;

/** What the wire of whoever leaves a message shows, from their yes until the hub has it: packet by packet. */
export type Left = Readonly<{ pieces: readonly string[] }>;

/** By voice alone: whom it is for, the message, and a yes. */
export async function leaveMessage(home: Home, to: string, words: SpokenSentence): Promise<Left> {
  const { unit } = home;
  await command(home, `message ${to}`, says(`Message for ${to}. Speak after the tone.`));
  await silent(home);
  await sleep(TONE_MS);
  await home.say(words);
  const since = Date.now();
  const asks = says(`Message for ${to}. Shall I send it?`);
  await unit.happens("asking whether to send", asks, { since, withinMs: ASKED_WITHIN_MS });
  const agreedMs = await agree(home, says(`Your message is on its way to ${to}.`));
  await unit.until(async () => (await waiting(home)) === 0, SENT_WITHIN_MS);
  await quiet(home);
  return { pieces: traceOf(home.tap.since(agreedMs)).pieces.map(withoutOwnName) };
}

/** Says yes once the question is out, again where it was not understood; resolves with when the yes began. */
async function agree(home: Home, agreed: ReturnType<typeof says>): Promise<number> {
  for (let tries = 1; tries <= ANSWERS_AT_MOST; tries++) {
    await silent(home);
    const { fromMs } = await home.say("yes");
    const sent = await home.unit.happens("sending", agreed, { since: fromMs, withinMs: 4_000 }).catch(() => null);
    if (sent) return fromMs;
  }
  throw new Error(`${home.name} said yes ${ANSWERS_AT_MOST} times, and the message was not sent`);
}

/** Nobody tells by the packets whose message will be heard. */
export function mustBeAlike(one: Left, other: Left): void {
  const at = one.pieces.findIndex((piece, index) => piece !== other.pieces[index]);
  if (at === -1 && one.pieces.length === other.pieces.length) return;
  throw new Error(`packet ${at}: "${one.pieces[at] ?? "nothing"}" against "${other.pieces[at] ?? "nothing"}"`);
}

/**
 * The unit was switched on: a light tells of one message, and nothing is to be heard before somebody asks. What comes
 * in the first moment is there before anybody can follow the timeline, so journal and lights are asked instead.
 */
export async function findsOneMessage(home: Home, startedMs: number, from: string): Promise<string> {
  const { unit } = home;
  await unit.until(async () => {
    const { lines } = await unit.ask({ do: "journal", limit: 20 });
    const verdicts = lines.filter(({ lastMs, detail }) => lastMs >= startedMs && detail?.startsWith("message"));
    return [GRANTED, BLOCKED].every(([act, because]) =>
      verdicts.some((line) => line.act === act && line.because === because),
    );
  }, TAKEN_IN_WITHIN_MS);
  await unit.until(async () => (await litSince(home, startedMs)).at(-1) === "message", 2_000);
  const lit = await litSince(home, startedMs);
  if (lit.some((scene) => scene !== "message" && scene !== "off")) throw new Error(`lights: ${lit.join(", ")}`);
  const peak = peakDbfs(await home.recording.slice("loudspeaker", home.recording.startedMs, Date.now()));
  if (peak > SILENCE_DBFS) throw new Error(`${home.name}'s unit made a sound unasked: ${peak.toFixed(0)} dBFS`);
  const { messages } = await unit.ask({ do: "messages", place: "inbox", limit: 10 });
  if (messages.length !== 1) throw new Error(`there should be one message, and there are ${messages.length}`);
  await command(home, "any messages", says(`You have one new message, from ${from}.`));
  await quiet(home);
  return `one message from ${from} is lit and counted; the other was dropped at the gate`;
}

const TAKEN_IN_WITHIN_MS = 30_000;
const GRANTED = ["admit", "granted"] as const;
const BLOCKED = ["drop", "blocked"] as const;

async function litSince(home: Home, sinceMs: number): Promise<string[]> {
  const { changes } = await home.unit.ask({ do: "lights" });
  return changes.filter(({ atMs }) => atMs >= sinceMs).map(({ scene }) => scene);
}

/** "Play my messages": the only thing to be heard is what was spoken into the other home's microphone. */
export async function playsMessage(home: Home, words: SpokenSentence, listener: Listener): Promise<string> {
  const { unit } = home;
  const playing = await command(home, "play my messages", ({ event }) => event === "play-message");
  const said = await unit.happens("saying who and when", isSaid, { since: playing.actedMs });
  const played = await unit.happens("the end of the message", ({ event }) => event === "ears-played", {
    since: said.at,
    withinMs: 30_000,
  });
  if (played.detail?.how !== "whole") throw new Error(`the message played ${String(played.detail?.how)}`);
  await unit.happens("that it was the last", isSaid, { since: played.at });
  const { text, score } = await listener.hear(await home.recording.slice("loudspeaker", said.at, played.at));
  if (text !== words) throw new Error(`${home.name} should have heard "${words}", but heard ${text ?? "nothing"}`);
  await quiet(home);
  if ((await litSince(home, played.at)).at(-1) === "message")
    throw new Error("the light stayed on after all was heard");
  return `${home.name} heard "${text}" (${score.toFixed(2)}), and the light went out`;
}

type Line = Readonly<{ event: string; detail?: Readonly<Record<string, unknown>> | undefined }>;

function says(sentence: string): (line: Line) => boolean {
  return ({ event, detail }) => event === "says" && detail?.sentence === sentence;
}

function isSaid({ event }: Line): boolean {
  return event === "ears-said";
}

async function waiting(home: Home): Promise<number> {
  return (await home.unit.ask({ do: "messages", place: "inbox", limit: 1 })).waiting;
}

/** Topics name whoever they belong to. */
function withoutOwnName(piece: string): string {
  return piece.replace(/porter\/1\/[a-z2-7]{52}\/(in|out)\/[^/ ]+/, "porter/1/<own>/$1/<unit>");
}
