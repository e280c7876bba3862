import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { CommandDecoder } from "#audio/engines/command-decoder.ts";
import { levelDbfs, peakOf } from "#audio/level.ts";
import { checkSound } from "#audio/ogg.ts";
import { SOUND_PART_BYTES } from "#audio/protocol.ts";
import { readWav } from "#audio/wav.ts";
import { AudioProcess, speakToFile } from "../house/audio-process.ts";
import { encodeSound } from "../house/opus-sound.ts";

const GRAMMAR =
  "#JSGF V1.0;\ngrammar sentences;\npublic <sentence> = the kettle is on and the garden gate is open | call ben | hang up | stop;\n";
const SENTENCE = "The kettle is on and the garden gate is open.";

let folder: string;
const started: AudioProcess[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "porter-messages-"));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((unit) => unit[Symbol.asyncDispose]()));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function start(config: Record<string, unknown> = {}): Promise<AudioProcess> {
  const unit = await AudioProcess.start(config);
  started.push(unit);
  return unit;
}

/** Has the unit record until the record tone is over. */
async function record(unit: AudioProcess, id: string): Promise<void> {
  unit.send({ type: "record", id, maxMs: 120_000 });
  await sleep(700);
}

async function fileOf(unit: AudioProcess, id: string): Promise<{ file: Buffer; durationMs: number; why: string }> {
  const { durationMs, why } = await unit.next("recorded", 30_000);
  const parts = unit.reports.flatMap((report) =>
    report.type === "recording-part" && report.id === id ? [report] : [],
  );
  expect(parts.map(({ index }) => index)).toEqual(parts.map((_, index) => index));
  return { file: Buffer.concat(parts.map(({ data }) => Buffer.from(data, "base64"))), durationMs, why };
}

function play(unit: AudioProcess, id: string, file: Buffer, durationMs: number): void {
  for (let index = 0, at = 0; at < file.length; index += 1, at += SOUND_PART_BYTES) {
    const data = file.subarray(at, at + SOUND_PART_BYTES).toString("base64");
    unit.send({ type: "play-part", id, index, last: at + SOUND_PART_BYTES >= file.length, data, durationMs });
  }
}

/** What the recogniser makes of it, as if it were spoken to a unit. */
async function understand(sound: Int16Array): Promise<string | null> {
  await using decoder = await CommandDecoder.open();
  decoder.setGrammar(GRAMMAR);
  decoder.start();
  decoder.feed(sound);
  return (await decoder.finish()).text;
}

test("what is spoken in one room, recorded, sent as a file and played in another room is understood there", async () => {
  const [ana, ben] = await Promise.all([start(), start()]);
  const spoken = await speakToFile(SENTENCE, folder);
  await record(ana, "draft");
  await ana.hears(spoken);
  const { file, durationMs, why } = await fileOf(ana, "draft");
  expect(why).toBe("silence");
  expect(checkSound(file, durationMs)).toEqual({ ok: true, durationMs });
  const spokenMs = readWav(await readFile(spoken)).length / 16;
  expect(Math.abs(durationMs - spokenMs)).toBeLessThan(800);

  await ben.record(join(folder, "played"));
  play(ben, "message", file, durationMs);
  expect(await ben.next("played")).toEqual({ type: "played", id: "message", how: "whole" });
  await sleep(100);
  await ben.record(null);
  const heard = readWav(await readFile(join(folder, "played", "loudspeaker.wav")));
  expect(await understand(heard)).toBe("the kettle is on and the garden gate is open");
  expect(peakOf(heard)).toBeLessThanOrEqual(16_423);
  expect(await understand(new Int16Array(heard.length))).toBeNull();
});

test("the word stop after a pause ends a recording at once and is not in it; inside a sentence it is just a word", async () => {
  const unit = await start();
  const [sentence, stop] = await Promise.all([speakToFile(SENTENCE, folder), speakToFile("stop", folder)]);
  await record(unit, "a");
  await unit.hears(sentence);
  await sleep(800);
  await unit.hears(stop);
  const saidMs = Date.now();
  const { file, durationMs, why } = await fileOf(unit, "a");
  expect(why).toBe("stop");
  expect(Date.now() - saidMs).toBeLessThan(2_000);
  expect(checkSound(file, durationMs).ok).toBe(true);
  const sentenceMs = readWav(await readFile(sentence)).length / 16;
  expect(durationMs).toBeLessThan(sentenceMs + 700);

  const inside = await speakToFile("They did not stop at the garden gate until it was dark.", folder);
  await record(unit, "b");
  await unit.hears(inside);
  expect((await fileOf(unit, "b")).why).toBe("silence");
});

test("the wake word ends a recording, is not in it, and the command after it is understood", async () => {
  const unit = await start();
  unit.send({ type: "set-grammar", jsgf: GRAMMAR });
  const wakeWord = await speakToFile("computer", folder);
  const [sentence, stop] = await Promise.all([speakToFile(SENTENCE, folder), speakToFile("stop", folder)]);
  await record(unit, "a");
  await unit.hears(sentence);
  await sleep(700);
  await unit.hears(wakeWord);
  await unit.next("wake");
  const { file, durationMs, why } = await fileOf(unit, "a");
  expect(why).toBe("wake");
  expect(checkSound(file, durationMs).ok).toBe(true);
  expect(durationMs).toBeLessThan(readWav(await readFile(sentence)).length / 16 + 700);
  await unit.hears(stop);
  expect(await unit.next("heard")).toMatchObject({ text: "stop" });
});

test("a mute, and nobody speaking, end a recording; the unit can record again", async () => {
  const unit = await start();
  await record(unit, "a");
  unit.send({ type: "set-mute", engaged: true });
  expect(await unit.next("recorded")).toEqual({ type: "recorded", id: "a", durationMs: 0, why: "deaf" });
  unit.send({ type: "set-mute", engaged: false });
  await record(unit, "b");
  expect(await unit.next("recorded")).toEqual({ type: "recorded", id: "b", durationMs: 0, why: "nothing" });
});

test("what a message says does not command the unit that plays it; a person in the room who says it does", async () => {
  const path = await speakToFile("Computer. Call Ben. Computer, call Ben.", folder, "rms");
  const spoken = readWav(await readFile(path));
  const unit = await start({ io: { type: "room", echoDb: -6 } });
  unit.send({ type: "set-grammar", jsgf: GRAMMAR });
  play(unit, "message", encodeSound(spoken), Math.round(spoken.length / 16));
  await unit.next("played");
  // As long as the unit minds what it has just said itself.
  await sleep(2_500);
  expect(unit.reports.filter(({ type }) => type === "wake")).toEqual([]);
  await Promise.all([unit.hears(path), unit.next("wake", 6_000)]);
});

test("a hush, being asked and the mute stop a message at once, and the loudspeaker falls silent", async () => {
  const unit = await start();
  const sentence = readWav(await readFile(await speakToFile(SENTENCE, folder)));
  const sound = Int16Array.from([...sentence, ...sentence, ...sentence]);
  const file = encodeSound(sound);
  for (const stop of ["hush", "stop-playing", "set-mute"] as const) {
    play(unit, stop, file, Math.round(sound.length / 16));
    await sleep(1_000);
    if (stop === "hush") unit.send({ type: "hush" });
    if (stop === "stop-playing") unit.send({ type: "stop-playing", id: stop });
    if (stop === "set-mute") unit.send({ type: "set-mute", engaged: true });
    expect(await unit.next("played", 2_000)).toEqual({ type: "played", id: stop, how: "stopped" });
    await sleep(50);
    await unit.record(join(folder, stop));
    await sleep(300);
    await unit.record(null);
    expect(peakOf(readWav(await readFile(join(folder, stop, "loudspeaker.wav"))))).toBe(0);
  }
});

test("a file that lies about itself is not played, not a sample of it, and the unit goes on", async () => {
  const unit = await start();
  const sound = readWav(await readFile(await speakToFile(SENTENCE, folder)));
  const file = encodeSound(sound);
  await unit.record(join(folder, "refused"));
  const wrong = [Buffer.concat([file, file]), file.subarray(0, -1), Buffer.from("not a sound at all")];
  for (const [index, each] of wrong.entries()) {
    play(unit, `wrong ${index}`, each, Math.round(sound.length / 16));
    expect(await unit.next("played")).toMatchObject({ how: "broken" });
  }
  play(unit, "longer than signed", file, 100);
  expect(await unit.next("played")).toMatchObject({ how: "broken" });
  await unit.record(null);
  expect(peakOf(readWav(await readFile(join(folder, "refused", "loudspeaker.wav"))))).toBe(0);
  play(unit, "right", file, Math.round(sound.length / 16));
  expect(await unit.next("played")).toMatchObject({ how: "whole" });
  expect(levelDbfs(sound)).toBeGreaterThan(-40);
});
