import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CommandDecoder } from "#audio/engines/command-decoder.ts";
import { EMBEDDING_FLOATS, SpeechEmbedding, STEP_SAMPLES } from "#audio/engines/speech-embedding.ts";
import { EmbeddingWake, WAKE_HEADS } from "#audio/engines/wake-embedding.ts";
import { decodeWakeHead, encodeWakeHead } from "#audio/engines/wake-head.ts";
import { WakeTeacher } from "#audio/engines/wake-teach.ts";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import { WAKE_WORDS, type WakeWord } from "#audio/wake-word.ts";
import { WakeListener } from "#scripts/bench/wake/listen.ts";
import { withSpeed } from "#scripts/train-wake/clip.ts";
import { FeatureMaker, SILENT_STEPS } from "#scripts/train-wake/features.ts";
import { frames, say } from "#test/house/spoken.ts";

const VOICES = ["slt", "rms", "awb", "kal16"];
const OTHER: Readonly<Record<WakeWord, string>> = {
  computer: "jarvis, the commuter competes with a tutor",
  jarvis: "computer, the harvest of his service has begun",
};

test.each(WAKE_WORDS)("a unit called %s hears its name once, and nothing else for it", async (word) => {
  await using listener = await WakeListener.open(word);
  for (const voice of VOICES) {
    expect(await listener.detections(say(voice, word)), voice).toHaveLength(1);
    expect(await listener.detections(say(voice, OTHER[word])), voice).toEqual([]);
  }
});

test("a word in doubt is the unit's name where that was said, with a command behind it or not, and nothing else is", async () => {
  await using decoder = await CommandDecoder.open();
  for (const voice of VOICES) {
    for (const [text, isIt] of [
      ["computer", true],
      ["computer call ben", true],
      ["confuse her", false],
      ["what will the weather be", false],
    ] as const)
      expect(await decoder.isWakeWord(say(voice, text)), `${voice}: ${text}`).toBe(isIt);
  }
  expect(await decoder.isWakeWord(new Int16Array(RATE_HZ))).toBe(false);
  expect(await decoder.isWakeWord(new Int16Array(10))).toBe(false);
  decoder.setWakeWord("jarvis");
  expect(await decoder.isWakeWord(say("slt", "computer"))).toBe(false);
  expect(await decoder.isWakeWord(say("slt", "jarvis"))).toBe(true);
});

test("a doubt is told 0.32 s after it began, of the head that ships alone: one that was taught never doubts", async () => {
  await using wake = await EmbeddingWake.open({ doubt: 1_000 });
  const told: number[] = [];
  wake.onDoubt(({ beganMsAgo }) => told.push(beganMsAgo));
  const listen = async (sound: Int16Array): Promise<void> => {
    for (const frame of frames(sound)) wake.push(frame);
    await wake.settled();
  };
  const second = new Int16Array(RATE_HZ);
  await listen(second);
  expect(new Set(told)).toEqual(new Set([320]));
  told.length = 0;
  wake.useHead(decodeWakeHead(readFileSync(WAKE_HEADS.jarvis)));
  await listen(second);
  expect(told).toEqual([]);
});

test("heads are trained on the very embeddings that a unit hears by", async () => {
  const sound = say("slt", "computer, call Ana");
  await using maker = await FeatureMaker.open();
  const { floats, steps } = await maker.make({ samples: sound, wordEnd: null });
  await using embedding = await SpeechEmbedding.open();
  for (let step = 0; step < 27; step++) await embedding.step(new Int16Array(STEP_SAMPLES));
  const whole = Math.floor(sound.length / STEP_SAMPLES);
  expect(steps).toBeGreaterThan(SILENT_STEPS + whole);
  for (let step = 0; step < whole; step++) {
    const heard = await embedding.step(sound.subarray(step * STEP_SAMPLES, (step + 1) * STEP_SAMPLES));
    const at = (SILENT_STEPS + step) * EMBEDDING_FLOATS;
    expect(floats.subarray(at, at + EMBEDDING_FLOATS)).toEqual(heard);
  }
});

const SPEECH = "she sold the telescope to a friend who had no time for yesterday's football and lemonade in the park";

/** Alone in a room. */
function inRoom(samples: Int16Array, speed: number): Int16Array {
  const said = withSpeed({ samples, wordEnd: null }, speed).samples;
  return Int16Array.from(
    { length: said.length + 2 * RATE_HZ },
    (_, at) => (said[at - RATE_HZ] ?? 0) * 0.4 + (at % 7) - 3,
  );
}

test("a unit that was taught a word by five recordings wakes at it in place of its own name", async () => {
  const marmalade = say("slt", "marmalade");
  const recordings = [0.93, 0.96, 0.99, 1.02, 1.05].map((speed) => inRoom(marmalade, speed));
  const others = VOICES.map((voice) => say(voice, SPEECH));
  await using teacher = await WakeTeacher.open({ taught: others.slice(1), judging: others.slice(0, 1) });
  const heads = [{ word: "computer", head: decodeWakeHead(readFileSync(WAKE_HEADS.computer)) } as const];
  const taught = await teacher.teach({ recordings, variants: 3, heads });
  if (!taught.ok) throw new Error(taught.why.join(" "));
  const near = await teacher.teach({ recordings: recordings.map(() => inRoom(say("slt", "computer"), 1)), heads });
  expect(near).toMatchObject({ ok: false, why: [expect.stringContaining('like "computer"')] });

  await using wake = await EmbeddingWake.open();
  wake.useHead(decodeWakeHead(encodeWakeHead(taught.head)));
  const search = wake.search();
  let woken = 0;
  wake.onWake(() => (woken += 1));
  const wakesAt = async (sound: Int16Array): Promise<number> => {
    [woken] = [0];
    wake.reset();
    for (let at = 0; at + FRAME_SAMPLES <= sound.length; at += FRAME_SAMPLES) {
      wake.push(sound.subarray(at, at + FRAME_SAMPLES));
      if (at % RATE_HZ === 0) await wake.settled();
    }
    await wake.settled();
    return woken;
  };
  expect(await wakesAt(inRoom(marmalade, 0.975))).toBe(1);
  expect(await wakesAt(inRoom(say("slt", "computer"), 1))).toBe(0);
  expect(await wakesAt(say("slt", SPEECH))).toBe(0);
  // What the loudspeaker plays is looked through for the same word.
  const played = inRoom(marmalade, 1.01);
  expect(await search.find(played, 0)).toBe(true);
});
