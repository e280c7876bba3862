import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AudioError } from "#audio/audio-error.ts";
import { findModel, loadPocketSphinx } from "#audio/engines/pocketsphinx.ts";
import { CommandRecogniser } from "#audio/engines/recogniser.ts";
import { SpeechEmbedding, STEP_SAMPLES } from "#audio/engines/speech-embedding.ts";
import { PRE_ROLL_MS } from "#audio/engines/spoken-grammar.ts";
import { EspeakSynthesiser } from "#audio/engines/tts-espeak.ts";
import { SileroVoice } from "#audio/engines/vad-silero.ts";
import { EmbeddingWake } from "#audio/engines/wake-embedding.ts";
import { encodeWakeHead, zeroedWakeHead } from "#audio/engines/wake-head.ts";
import { FRAME_SAMPLES } from "#audio/frame.ts";
import { seededRandom } from "#scripts/hear/random.ts";
import { frames, say } from "#test/house/spoken.ts";

const run = promisify(execFile);
const folder = mkdtempSync(path.join(tmpdir(), "porter-ears-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const VOICES = ["slt", "rms", "awb"];
const GRAMMAR = `#JSGF V1.0;
grammar g;
public <command> = call <who> | answer | hang up | block that caller;
<who> = ben | priya | zebedee | siobhán | 山田;`;

describe("the wake word", () => {
  test.each(VOICES)("is heard once when %s says it, within a quarter of a second of its end", async (voice) => {
    await using wake = await EmbeddingWake.open();
    const sound = say(voice, "computer");
    expect(await wakes(wake, sound)).toHaveLength(1);
    const [atSample = 0] = await wakes(wake, sound);
    expect(atSample / 16).toBeLessThan((sound.length - 16_000) / 16 + 250);
  });

  test("is not heard in other speech, in silence or in noise", async () => {
    await using wake = await EmbeddingWake.open();
    const random = seededRandom(1);
    const noise = Int16Array.from({ length: 48_000 }, () => (random() - 0.5) * 8_000);
    const others = VOICES.map((voice) => say(voice, "the commuter competes with a tutor on the train to town"));
    for (const sound of [...others, noise, new Int16Array(48_000)]) expect(await wakes(wake, sound)).toEqual([]);
  });

  test("rests on silence that is embedded alike, to the bit, from the eleventh step on", async () => {
    await using whole = await SpeechEmbedding.open();
    await using once = await SpeechEmbedding.open();
    const silence = new Int16Array(STEP_SAMPLES);
    const steps: Float32Array[] = [];
    for (let step = 0; step < 27; step++) steps.push(await whole.step(silence));
    for (let step = 0; step < 11; step++) await once.listen(silence);
    const embedded = await once.embed();
    for (const step of steps.slice(10)) expect(step).toEqual(embedded);
    expect(steps[3]).not.toEqual(embedded);
    expect(once.snapshot()).toEqual(whole.snapshot());
  });

  test("is never heard by a head whose weights are zero: it is the weights that hear it", async () => {
    const head = path.join(folder, "zeroed.head");
    writeFileSync(head, encodeWakeHead(zeroedWakeHead()));
    await using wake = await EmbeddingWake.open({ head });
    for (const voice of VOICES) expect(await wakes(wake, say(voice, "computer"))).toEqual([]);
  });

  test.each(VOICES)(
    "is found in what was played if %s said it there, and only where it ended late enough",
    async (voice) => {
      await using wake = await EmbeddingWake.open();
      const search = wake.search();
      const word = say(voice, "computer");
      const other = say(voice, "the commuter competes with a tutor on the train to town");
      expect(await search.find(word, 0)).toBe(true);
      const played = new Int16Array(word.length + 32_000);
      played.set(word);
      expect(await search.find(played, word.length)).toBe(false);
      expect(await Promise.all([search.find(other, 0), search.find(word, 0)])).toEqual([false, true]);
      expect(await search.find(new Int16Array(0), 0)).toBe(false);
    },
  );

  test("said twice within the refractory time counts once, and again after a reset", async () => {
    const word = say("slt", "computer");
    const twice = new Int16Array(word.length * 2);
    twice.set(word);
    twice.set(word, word.length);
    await using wake = await EmbeddingWake.open({ refractoryMs: 60_000 });
    expect(await wakes(wake, twice)).toHaveLength(1);
    expect(await wakes(wake, word)).toHaveLength(1);
  });

  test("needs a head that is one", async () => {
    const broken = path.join(folder, "broken.head");
    writeFileSync(broken, "PORTERWK");
    await expect(EmbeddingWake.open({ head: broken })).rejects.toMatchObject({ code: "model-invalid" });
    await expect(EmbeddingWake.open({ head: `${broken}.none` })).rejects.toMatchObject({ code: "model-missing" });
  });

  test("is found away from the caller: a push never waits for inference", async () => {
    await using wake = await EmbeddingWake.open();
    let pushing = true;
    const during: boolean[] = [];
    wake.onWake(() => during.push(pushing));
    // Not the silence behind it: what waits for longer than 2 s is thrown away.
    for (const frame of frames(say("slt", "computer").subarray(0, -12_000))) wake.push(frame);
    pushing = false;
    await wake.settled();
    expect(during).toEqual([false]);
  });
});

test("the voice detector tells speech from silence and noise", async () => {
  await using voice = await SileroVoice.open();
  const heard: number[] = [];
  voice.onProbability((probability) => heard.push(probability));
  const random = seededRandom(2);
  const likeliest = async (sound: Int16Array) => {
    voice.reset();
    heard.length = 0;
    for (const frame of frames(sound)) {
      voice.push(frame);
      await voice.settled();
    }
    return Math.max(...heard);
  };
  expect(await likeliest(say("slt", "who is calling"))).toBeGreaterThan(0.9);
  expect(await likeliest(new Int16Array(32_000))).toBeLessThan(0.3);
  expect(await likeliest(Int16Array.from({ length: 32_000 }, () => (random() - 0.5) * 2_000))).toBeLessThan(0.3);
});

describe("the recogniser", () => {
  let recogniser: CommandRecogniser;
  beforeAll(async () => {
    recogniser = await CommandRecogniser.open();
    await recogniser.setGrammar(GRAMMAR);
  });
  afterAll(() => recogniser[Symbol.asyncDispose]());

  test.each(VOICES)("hears %s's commands, with names that no dictionary has", async (voice) => {
    for (const command of ["call ben", "call zebedee", "call siobhán", "answer", "hang up", "block that caller"]) {
      const { text, score } = await recognise(recogniser, say(voice, command));
      expect(text).toBe(command);
      expect(score).toBeGreaterThan(-3);
    }
  });

  test("scores other speech lower than any command", async () => {
    const scores: number[] = [];
    for (const command of ["call ben", "hang up"])
      scores.push((await recognise(recogniser, say("slt", command))).score);
    const other = await recognise(recogniser, say("slt", "the rain in Spain stays mainly in the plain"));
    expect(other.score).toBeLessThan(Math.min(...scores));
  });

  test("hears a command that follows the wake word in one breath, from the pre-roll on", async () => {
    await using wake = await EmbeddingWake.open();
    for (const voice of VOICES) {
      const sound = say(voice, "computer, call ben");
      const [woken = 0] = await wakes(wake, sound);
      expect(woken).toBeGreaterThan(0);
      const { text } = await recognise(recogniser, sound.subarray(Math.max(0, woken - PRE_ROLL_MS * 16)));
      expect(text).toBe("call ben");
    }
  });

  test("is as sure of a command behind the wake word as of the same command alone", async () => {
    for (const voice of VOICES) {
      const alone = await recognise(recogniser, say(voice, "hang up"));
      const behind = await recognise(recogniser, say(voice, "computer. hang up.").subarray(4_000));
      expect(behind.text).toBe("hang up");
      expect(behind.score).toBeGreaterThan(alone.score - 0.45);
    }
  });

  test("answers that nothing was said to silence, and to no sound at all", async () => {
    expect((await recognise(recogniser, new Int16Array(16_000))).text).toBeNull();
    expect((await recognise(recogniser, new Int16Array(0))).text).toBeNull();
  });

  test("does not hear an utterance twice", async () => {
    expect((await recognise(recogniser, say("slt", "answer"))).text).toBe("answer");
    expect((await recogniser.finish()).text).toBeNull();
  });

  test("refuses what is no grammar and goes on with the one it has", async () => {
    await expect(recogniser.setGrammar("call ben")).rejects.toMatchObject({ code: "bad-command" });
    await expect(recogniser.setGrammar("#JSGF V1.0; grammar g; public <a> = <b>;")).rejects.toBeInstanceOf(AudioError);
    expect((await recognise(recogniser, say("slt", "call ben"))).text).toBe("call ben");
  });

  test("throws an unfinished utterance away when another one starts", async () => {
    recogniser.start();
    for (const frame of frames(say("slt", "call ben"))) recogniser.push(frame);
    expect((await recognise(recogniser, say("slt", "hang up"))).text).toBe("hang up");
  });

  test("says which Debian package is missing", () => {
    expect(() => loadPocketSphinx([folder])).toThrow(/libpocketsphinx3/);
    expect(() => findModel(folder)).toThrow(/pocketsphinx-en-us/);
  });
});

describe("the voice of the unit", () => {
  const never = new AbortController().signal;

  test("speaks what the recogniser hears again", async () => {
    await using voice = new EspeakSynthesiser();
    await using recogniser = await CommandRecogniser.open();
    await recogniser.setGrammar("#JSGF V1.0; grammar g; public <a> = ben is calling | mallory is calling | goodbye;");
    expect((await recognise(recogniser, await speak(voice, "Ben is calling"))).text).toBe("ben is calling");
  });

  test("reads markup, phoneme codes, options and control characters out: none of them commands it", async () => {
    await using voice = new EspeakSynthesiser();
    const seconds = async (text: string) => (await speak(voice, text)).length / 16_000;
    const counting = "one two three four five six";
    // As commands these would be: no sound at all, four sounds without a pause, help, thrice the speed, the text's end.
    expect(await seconds('<break time="9s"/>')).toBeGreaterThan(0.3);
    expect(await seconds("[[s]]")).toBeGreaterThan(0.7);
    expect(await seconds(`--help ${counting}`)).toBeGreaterThan(await seconds(counting));
    expect(await seconds(`\u0001450S${counting}`)).toBeGreaterThan(await seconds(counting));
    expect(await seconds(`${counting}\u0000${counting}`)).toBeGreaterThan(1.5 * (await seconds(counting)));
  });

  test("falls silent at once when it is stopped", async () => {
    await using voice = new EspeakSynthesiser();
    const stop = new AbortController();
    let pieces = 0;
    const long = "one two three four five six seven eight nine ten. ".repeat(50);
    const spoken = voice.speak(
      long,
      () => {
        pieces++;
        stop.abort();
      },
      stop.signal,
    );
    await spoken;
    expect(pieces).toBe(1);
    await voice.speak("again", () => pieces++, stop.signal);
    expect(pieces).toBe(1);
  });

  test("says which Debian package is missing", async () => {
    await using voice = new EspeakSynthesiser({ program: path.join(folder, "no-espeak") });
    await expect(voice.speak("yes", () => {}, never)).rejects.toMatchObject({ code: "engine-missing" });
    await using failing = new EspeakSynthesiser({ program: "false" });
    await expect(failing.speak("yes", () => {}, never)).rejects.toMatchObject({ code: "engine-failed" });
  });

  async function speak(voice: EspeakSynthesiser, text: string): Promise<Int16Array> {
    const pieces: Int16Array[] = [];
    await voice.speak(text, (samples) => pieces.push(samples), never);
    return Int16Array.from(pieces.flatMap((piece) => [...piece]));
  }
});

describe("the echo canceller", () => {
  test("neither keeps a process alive nor crashes it at its end", async () => {
    const url = new URL("../../audio/engines/echo-choice.ts", import.meta.url).href;
    const program = `import { openEcho } from ${JSON.stringify(url)};
      const kept = openEcho("both"); const frame = new Int16Array(160).fill(1); kept.clean(frame, frame);
      openEcho("both")[Symbol.dispose](); console.log("clean");`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { timeout: 20_000 });
    expect(stdout).toBe("clean\n");
  });
});

/** Where the wake word was detected, in samples. */
async function wakes(wake: EmbeddingWake, sound: Int16Array): Promise<number[]> {
  wake.reset();
  const found: number[] = [];
  let at = 0;
  let counting = true;
  wake.onWake(() => {
    if (counting) found.push(at);
  });
  for (const frame of frames(sound)) {
    at += FRAME_SAMPLES;
    wake.push(frame);
    await wake.settled();
  }
  counting = false;
  return found;
}

async function recognise(recogniser: CommandRecogniser, sound: Int16Array) {
  recogniser.start();
  for (const frame of frames(sound)) recogniser.push(frame);
  return recogniser.finish();
}
