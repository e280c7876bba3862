import { setTimeout as sleep } from "node:timers/promises";
import { type Figures, noFigures } from "./figures.ts";
import type { Home } from "./home.ts";
import { importNothing } from "./import.ts";
import { findsOneMessage, leaveMessage, mustBeAlike, playsMessage } from "./messages.ts";
import { callIs, command, quiet, type Wanted } from "./person.ts";
import { type Listener, loudestDbfs, SENTENCES } from "./recording.ts";
import type { Street } from "./street.ts";
import { answer, hangUp, hearEachOther, ringUp } from "./talk.ts";
import { callsInVain, compareCalls, type VainCalls } from "./vain.ts";
import { mustBeNothing, whatCameOutOf } from "./watch.ts";

export type Scene = Readonly<{ name: string; play: (stage: Stage) => Promise<string> }>;

export type Stage = Readonly<{
  street: Street;
  listener: Listener;
  figures: Figures;
  ringBackMs: number;
  /** Mallory's calls to a unit that blocks her, and to one that is switched off. */
  calls: { blocked: VainCalls | null; unplugged: VainCalls | null };
}>;

export function setStage(street: Street, listener: Listener, ringBackMs: number): Stage {
  return { street, listener, ringBackMs, figures: noFigures(), calls: { blocked: null, unplugged: null } };
}

/** The play, in the order in which it is told. Everything is said into rooms; nothing goes past a microphone. */
export const SCENES: readonly Scene[] = [
  { name: "Ana calls Ben by voice, and they talk", play: anaCallsBen },
  { name: "Mallory may ring; Ben blocks her by voice, over the ring", play: benBlocksMallory },
  { name: "Mallory calls again: nothing at all", play: malloryIsBlocked },
  { name: "Mallory calls a unit that is switched off: she cannot tell the difference", play: malloryCallsCora },
  { name: "Ben, cut off from the network, blocks Ana; her waiting call does not ring", play: benBlocksOffline },
  { name: "Ben unblocks Ana with the button held; she calls, they talk", play: benUnblocksAna },
  { name: "The hub is killed during the call: they go on talking", play: hubDies },
  { name: "A later call works", play: laterCall },
  { name: "Ben's unit is killed and started again: Mallory is still blocked", play: benLosesPower },
  { name: "Ben's unit is off: Ana leaves him a message, and so does Mallory", play: messagesAreLeft },
  { name: "Ben's unit starts: one message is lit, and it is Ana's", play: benListens },
  {
    name: "Ben imports 500 contacts and ticks none: nobody gains anything; Mallory, deleted, stays gone",
    play: ({ street: { ana, ben, mallory } }) => importNothing(ben, { ana, mallory }),
  },
];

async function anaCallsBen({ street, figures, listener }: Stage): Promise<string> {
  const { ana, ben } = street;
  const called = await ringUp(ana, ben, figures);
  const answered = await answer(ana, ben, figures);
  const talk = ["the garden gate is open again", "we are having soup for dinner tonight"] as const;
  const heard = await hearEachOther(ana, ben, talk, listener);
  await hangUp(ben, ana, figures);
  return `${called}; ${answered}; ${heard}; Ben hung up by voice`;
}

async function benBlocksMallory({ street, figures }: Stage): Promise<string> {
  const { ben, mallory } = street;
  await ringUp(mallory, ben, figures);
  await quiet(ben);
  const since = Date.now();
  const blocked = await command(ben, "block that caller", ({ event }) => event === "stop-ring");
  figures.wakeToActionMs.push(blocked.actedMs - blocked.endOfSpeechMs);
  await ben.unit.happens("reading the block back", ({ event, at }) => event === "says" && at >= blocked.actedMs, {
    since,
  });
  // The ring pauses while Ben speaks; what counts is that it does not come back.
  const silentMs = Math.max(blocked.actedMs - blocked.understoodMs, await silenceAfter(ben, blocked.understoodMs));
  figures.blockToSilenceMs = silentMs;
  if (silentMs > 200) throw new Error(`it went on ringing for ${silentMs} ms after the command was understood`);
  await mallory.unit.happens("nobody answering", callIs("idle"), { since, withinMs: 30_000 });
  await quiet(mallory);
  return `silent ${silentMs} ms after "block that caller" was understood`;
}

/** Milliseconds from a moment until the loudspeaker first played 10 ms of digital silence. */
async function silenceAfter(home: Home, atMs: number): Promise<number> {
  const samples = await home.recording.slice("loudspeaker", atMs, atMs + 1_000);
  for (let at = 0; at + 160 <= samples.length; at += 160) {
    if (samples.subarray(at, at + 160).every((sample) => sample === 0)) return at / 16;
  }
  return Number.POSITIVE_INFINITY;
}

async function malloryIsBlocked(stage: Stage): Promise<string> {
  const { ben, mallory } = stage.street;
  const from = Date.now();
  stage.calls.blocked = await callsInVain(mallory, "Ben", stage.ringBackMs);
  const came = await whatCameOutOf(ben, from, Date.now());
  stage.figures.blocked = came;
  mustBeNothing("something came out of Ben's home", came);
  const dropped = verdictsSince(ben, from).filter((because) => because === "blocked").length;
  if (dropped === 0) throw new Error("the call never got to Ben's gate, so its silence proves nothing");
  return `${dropped} envelopes dropped at Ben's gate; his loudspeaker ${came.peakDbfs} dBFS, no light, nothing sent`;
}

async function malloryCallsCora(stage: Stage): Promise<string> {
  const { figures, calls, street } = stage;
  calls.unplugged = await callsInVain(street.mallory, "Cora", stage.ringBackMs);
  if (!calls.blocked) throw new Error("there is no blocked call to compare with");
  const { same, because } = compareCalls(calls.blocked, calls.unplugged);
  figures.callerSeesUnplugged = same;
  figures.unplugged = because;
  if (!same) throw new Error(because);
  return because;
}

async function benBlocksOffline({ street, ringBackMs }: Stage): Promise<string> {
  const { ana, ben } = street;
  ben.tap.cut();
  await ben.unit.happens("losing the link", ({ detail }) => detail?.state === "down", { since: Date.now() - 5_000 });
  const called = await command(ana, "call Ben", callIs("calling"));
  await sleep(1_500);
  const ringBack = loudestDbfs(await ana.recording.slice("loudspeaker", called.actedMs + 300, called.actedMs + 1_500));
  if (ringBack < -40) throw new Error(`Ana should hear ring-back, but there are ${ringBack.toFixed(0)} dBFS`);
  await command(ben, "block Ana", ({ event, detail }) => event === "says" && detail?.sentence === BLOCKED_ANA);
  await quiet(ben);
  const from = Date.now();
  ben.tap.mend();
  await ben.unit.happens("the gate's verdict", isVerdict("blocked"), { since: from, withinMs: 30_000 });
  await ana.unit.happens("nobody answering", callIs("idle"), { since: called.actedMs, withinMs: ringBackMs + 10_000 });
  await quiet(ana);
  const came = await whatCameOutOf(ben, from, Date.now());
  mustBeNothing("Ana's waiting call came through", came);
  return "her offer arrived when the link was back, and was dropped at the gate: no sound, no light, nothing sent";
}

const BLOCKED_ANA = "Ana is blocked. To undo, press the button.";

const HOLD_FOR_ANA = "To unblock Ana, hold the button.";

async function benUnblocksAna({ street, figures, listener }: Stage): Promise<string> {
  const { ana, ben } = street;
  // Nobody can loosen by voice alone: the unit asks for the button.
  const asked = await command(
    ben,
    "unblock Ana",
    ({ event, detail }) => event === "says" && detail?.sentence === HOLD_FOR_ANA,
  );
  await quiet(ben);
  const heldMs = Date.now();
  const early = ben.unit.timeline.some(({ at, event }) => at >= asked.understoodMs && event === "change-book");
  if (early) throw new Error("Ana was unblocked by voice alone");
  await ben.unit.ask({ do: "hold" });
  await ben.unit.happens("unblocking her", ({ event }) => event === "change-book", { since: heldMs });
  await ben.unit.ask({ do: "release" });
  await quiet(ben);
  await ringUp(ana, ben, figures);
  const answered = await answer(ana, ben, figures);
  const talk = ["your train leaves early on friday morning", "the red bicycle belongs to my sister"] as const;
  return `not done without the button; ${answered}; ${await hearEachOther(ana, ben, talk, listener)}`;
}

async function hubDies({ street, listener, figures }: Stage): Promise<string> {
  const { ana, ben, hub } = street;
  await hub.kill();
  const dead = await hearEachOther(ana, ben, [SENTENCES[4], SENTENCES[5]], listener);
  await hub.start();
  const back = await hearEachOther(ana, ben, [SENTENCES[0], SENTENCES[1]], listener);
  await Promise.all(street.homes.map(({ unit }) => unit.connected()));
  await hangUp(ben, ana, figures);
  return `without the hub: ${dead}; with it again: ${back}`;
}

async function laterCall({ street, listener, figures }: Stage): Promise<string> {
  const { ana, ben } = street;
  await ringUp(ana, ben, figures);
  const answered = await answer(ana, ben, figures);
  const heard = await hearEachOther(ana, ben, [SENTENCES[2], SENTENCES[3]], listener);
  await hangUp(ana, ben, figures);
  return `${answered}; ${heard}`;
}

async function benLosesPower({ street }: Stage): Promise<string> {
  const { ben, mallory } = street;
  await ben.unit.kill();
  await ben.unit.start();
  await ben.unit.connected();
  await ben.record();
  const from = Date.now();
  await command(mallory, "call Ben", callIs("calling"));
  await ben.unit.happens("the gate's verdict", isVerdict("blocked"), { since: from });
  await sleep(2_000);
  await command(mallory, "hang up", callIs("idle"));
  mustBeNothing("something came out of Ben's home", await whatCameOutOf(ben, from, Date.now()));
  return "dropped at the gate: no sound, no light, nothing sent";
}

async function messagesAreLeft({ street }: Stage): Promise<string> {
  const { ana, ben, mallory } = street;
  await ben.unit.stop();
  const anas = await leaveMessage(ana, "Ben", ANAS_MESSAGE);
  const mallorys = await leaveMessage(mallory, "Ben", MALLORYS_MESSAGE);
  mustBeAlike(anas, mallorys);
  return `both are on their way, and the wires of Ana and Mallory show the same ${anas.pieces.length} packets`;
}

const ANAS_MESSAGE = SENTENCES[4];
const MALLORYS_MESSAGE = SENTENCES[5];

async function benListens({ street, listener }: Stage): Promise<string> {
  const { ben } = street;
  const startedMs = Date.now();
  await ben.unit.start();
  await ben.record();
  const found = await findsOneMessage(ben, startedMs, "Ana");
  return `${found}; ${await playsMessage(ben, ANAS_MESSAGE, listener)}`;
}

function isVerdict(because: string): Wanted {
  return ({ event, detail }) => event === "journal" && detail?.because === because;
}

function verdictsSince(home: Home, since: number): unknown[] {
  const lines = home.unit.timeline.filter(({ at, event }) => at >= since && event === "journal");
  return lines.map(({ detail }) => detail?.because);
}
