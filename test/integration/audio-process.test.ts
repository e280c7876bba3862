import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { levelDbfs, peakOf, SILENCE_DBFS } from "#audio/level.ts";
import { readWav } from "#audio/wav.ts";
import { AudioProcess, joinLegs, speakToFile } from "../house/audio-process.ts";
import { Coturn } from "../house/coturn.ts";

const GRAMMAR = "#JSGF V1.0;\ngrammar commands;\npublic <command> = call (ben | ana) | hang up | answer | ignore;\n";
const LONG = "It was a dark night, and nobody saw the seven men who came over the hill and stood at the gate.";
const OTHER_FINGERPRINT = Array.from({ length: 32 }, () => "AB").join(":");

let relay: Coturn;
let folder: string;
const started: AudioProcess[] = [];
beforeAll(async () => {
  relay = await Coturn.start();
  folder = await mkdtemp(join(tmpdir(), "porter-audio-"));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((unit) => unit[Symbol.asyncDispose]()));
});
afterAll(async () => {
  await relay[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function start(config: Record<string, unknown> = {}): Promise<AudioProcess> {
  const unit = await AudioProcess.start(config);
  started.push(unit);
  return unit;
}

async function pair(config: Record<string, unknown> = {}): Promise<readonly [AudioProcess, AudioProcess]> {
  const units = await Promise.all([start(config), start(config)]);
  await joinLegs(...units, (name) => relay.iceServers(name));
  return units;
}

async function track(name: string, which: "room" | "loudspeaker" | "microphone"): Promise<Int16Array> {
  return readWav(await readFile(join(folder, name, `${which}.wav`)));
}

/** Level of each 20 ms, as a course over time. */
function course(samples: Int16Array): number[] {
  const levels: number[] = [];
  for (let from = 0; from + 320 <= samples.length; from += 320)
    levels.push(Math.max(-60, levelDbfs(samples.subarray(from, from + 320))));
  return levels;
}

/** How alike two sounds go up and down (1: the same), at the shift that fits best. */
function likeness(one: Int16Array, other: Int16Array): number {
  const [short, long] = [course(one), course(other)].toSorted((a, b) => a.length - b.length);
  if (short === undefined || long === undefined) return 0;
  let best = 0;
  for (let shift = 0; shift + short.length <= long.length; shift += 1)
    best = Math.max(best, correlation(short, long.slice(shift, shift + short.length)));
  return best;
}

function correlation(one: number[], other: number[]): number {
  const [a, b] = [centred(one), centred(other)];
  const product = a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
  const size = Math.sqrt(a.reduce((sum, x) => sum + x * x, 0) * b.reduce((sum, x) => sum + x * x, 0));
  return size === 0 ? 0 : product / size;
}

function centred(values: number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

test("a sentence spoken in one room is heard in the other; with the microphone cut there is silence", async () => {
  const [caller, callee] = await pair();
  const sentence = await speakToFile("The kettle is on and the garden gate is open.", folder);
  await Promise.all([caller.next("leg-sound"), callee.next("leg-sound")]);
  await callee.record(join(folder, "heard"));
  await caller.hears(sentence);
  await sleep(300);
  await callee.record(null);
  const spoken = readWav(await readFile(sentence));
  const heard = await track("heard", "loudspeaker");
  expect(likeness(spoken, heard)).toBeGreaterThan(0.8);
  expect(Math.abs(levelDbfs(heard) - levelDbfs(spoken))).toBeLessThan(6);

  await caller.cutUplink(true);
  await sleep(300);
  await callee.record(join(folder, "cut"));
  await caller.hears(sentence);
  await sleep(300);
  await callee.record(null);
  // The codec may be off by one step.
  expect(peakOf(await track("cut", "loudspeaker"))).toBeLessThanOrEqual(2);
});

test("whoever is called by another certificate than the signed one opens no leg", async () => {
  const [caller, callee] = await Promise.all([start(), start()]);
  caller.send({ type: "offer-leg", leg: "call", iceServers: relay.iceServers("caller") });
  const { sdp } = await caller.next("leg-offer");
  callee.send({
    type: "answer-leg",
    leg: "call",
    sdp,
    fingerprint: OTHER_FINGERPRINT,
    iceServers: relay.iceServers("callee"),
  });
  expect(await callee.next("leg-failed")).toMatchObject({ why: "wrong-certificate" });
  callee.send({
    type: "answer-leg",
    leg: "other",
    sdp: "v=0\r\nnonsense",
    fingerprint: OTHER_FINGERPRINT,
    iceServers: [],
  });
  expect(await callee.next("leg-failed")).toMatchObject({ leg: "other", why: "bad-sdp" });
});

test("without the echo canceller the far end hears this room's loudspeaker at the stated level; with it, 20 dB less", async () => {
  const heardDbfs: number[] = [];
  for (const echoCanceller of ["none", "both"]) {
    const echoDb = -10;
    const [noisy, far] = await pair({ echoCanceller, io: { type: "room", echoDb } });
    // A voice, not a tone: the canceller learns the room from sound of many frequencies, in some seconds.
    for (let id = 1; id <= 6; id += 1) noisy.send({ type: "say", id, text: LONG });
    await sleep(6_000);
    const name = `echo-${echoCanceller}`;
    await Promise.all([far.record(join(folder, name)), noisy.record(join(folder, `${name}-near`))]);
    await sleep(4_000);
    await Promise.all([far.record(null), noisy.record(null)]);
    const playedDbfs = levelDbfs(await track(`${name}-near`, "loudspeaker"));
    const microphoneDbfs = levelDbfs(await track(`${name}-near`, "microphone"));
    expect(Math.abs(microphoneDbfs - playedDbfs - echoDb)).toBeLessThan(3);
    heardDbfs.push(levelDbfs(await track(name, "loudspeaker")) - playedDbfs);
  }
  const [withoutDb = 0, withDb = SILENCE_DBFS] = heardDbfs;
  expect(Math.abs(withoutDb + 10)).toBeLessThan(4);
  expect(withoutDb - withDb).toBeGreaterThan(20);
});

test("a command spoken after the wake word is understood, and the far end does not hear it", async () => {
  const [unit, far] = await pair();
  unit.send({ type: "set-grammar", jsgf: GRAMMAR });
  await unit.next("leg-sound");
  const wakeWord = await speakToFile("computer", folder);
  const command = await speakToFile("hang up", folder);
  await sleep(500);
  await unit.hears(wakeWord);
  await unit.next("wake", 2_000);
  await far.record(join(folder, "command"));
  await unit.hears(command);
  const endedMs = Date.now();
  const heard = await unit.next("heard");
  await far.record(null);
  expect(heard).toMatchObject({ text: "hang up", spoke: true });
  // The file ends with some silence of its own.
  expect(endedMs - heard.endOfSpeechMs).toBeGreaterThan(-50);
  expect(endedMs - heard.endOfSpeechMs).toBeLessThan(500);
  const duringCommand = (await track("command", "loudspeaker")).subarray(0, 8_000);
  expect(levelDbfs(duringCommand)).toBeLessThan(-60);
});

test("what makes no sense as a command is answered by trouble, and the process goes on", async () => {
  const unit = await start();
  for (const message of [
    "hello",
    7,
    [],
    {},
    { type: "say", id: 1 },
    { type: "hush", more: true },
    { type: "say", id: 1, text: "x".repeat(5_000) },
  ]) {
    unit.child.send(message);
    expect(await unit.next("trouble")).toMatchObject({ code: "bad-command" });
  }
  await unit.cutUplink(false);
});

test("what is said is heard in the room, and hushed at once", async () => {
  const unit = await start();
  await unit.record(join(folder, "said"));
  unit.send({ type: "say", id: 1, text: "Ben is calling." });
  expect(await unit.next("said")).toEqual({ type: "said", id: 1 });
  unit.send({
    type: "say",
    id: 2,
    text: "This is a very long sentence that nobody wants to hear to its end, is it not?",
  });
  await sleep(700);
  unit.send({ type: "hush" });
  await unit.next("said", 500);
  await sleep(300);
  await unit.record(null);
  const played = await track("said", "loudspeaker");
  expect(levelDbfs(played)).toBeGreaterThan(-40);
  expect(peakOf(played.subarray(-16 * 200))).toBe(0);
});

test("when its brain dies the process ends by itself, in a call too, without a crash", async () => {
  const [one, other] = await pair();
  one.child.disconnect();
  expect(await one.exited()).toBe(0);
  expect(await other.next("leg-failed", 12_000)).toMatchObject({ why: "disconnected" });
});

test("the wake word is heard over the unit's own ring, which falls silent at once", async () => {
  const unit = await start();
  const wakeWord = await speakToFile("computer", folder);
  unit.send({ type: "start-tone", tone: "ring" });
  await sleep(8_150);
  // Into the middle of the two notes, not into the rest between them.
  await Promise.all([unit.hears(wakeWord), unit.next("wake", 3_000)]);
  await unit.record(join(folder, "ringing"));
  await sleep(1_500);
  await unit.record(null);
  expect(peakOf((await track("ringing", "loudspeaker")).subarray(16 * 50))).toBe(0);
});

test("a process that was not told yet how the mute switch stands hears nothing", async () => {
  const unit = await AudioProcess.start({}, {}, false);
  started.push(unit);
  const wakeWord = await speakToFile("computer", folder);
  await unit.hears(wakeWord);
  await sleep(500);
  expect(unit.reports.some(({ type }) => type === "wake")).toBe(false);
  unit.send({ type: "set-mute", engaged: false });
  await Promise.all([unit.hears(wakeWord), unit.next("wake", 3_000)]);
});
