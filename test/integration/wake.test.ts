import { expect, test } from "vitest";
import { EMBEDDING_FLOATS, SpeechEmbedding, STEP_SAMPLES } from "#audio/engines/speech-embedding.ts";
import { WAKE_HEADS } from "#audio/engines/wake-embedding.ts";
import { WAKE_WORDS, type WakeWord } from "#audio/wake-word.ts";
import { WakeListener } from "#scripts/bench/wake/listen.ts";
import { FeatureMaker, SILENT_STEPS } from "#scripts/train-wake/features.ts";
import { say } from "#test/house/spoken.ts";

const VOICES = ["slt", "rms", "awb", "kal16"];
const OTHER: Readonly<Record<WakeWord, string>> = {
  computer: "jarvis, the commuter competes with a tutor",
  jarvis: "computer, the harvest of his service has begun",
};

test.each(WAKE_WORDS)("a unit called %s hears its name once, and nothing else for it", async (word) => {
  await using listener = await WakeListener.open({ head: WAKE_HEADS[word] });
  for (const voice of VOICES) {
    expect(await listener.detections(say(voice, word)), voice).toHaveLength(1);
    expect(await listener.detections(say(voice, OTHER[word])), voice).toEqual([]);
  }
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
