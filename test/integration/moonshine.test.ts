import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Moonshine } from "#audio/engines/moonshine.ts";
import { MoonshineAtHand } from "#audio/engines/moonshine-at-hand.ts";
import { seededRandom } from "#scripts/hear/random.ts";
import { say } from "#test/house/spoken.ts";

const SENTENCES = ["Call Ben", "Block Ben", "Play my messages", "Call back"];

describe("what Moonshine says about sentences", () => {
  let moonshine: Moonshine;
  beforeAll(async () => {
    moonshine = await Moonshine.open();
  });
  afterAll(() => moonshine[Symbol.asyncDispose]());

  async function likeliest(sound: Int16Array): Promise<string | undefined> {
    const evidence = (await moonshine.evidence(sound, SENTENCES)) ?? [];
    return SENTENCES[evidence.indexOf(Math.max(...evidence))];
  }

  test.each(["slt", "rms"])("is what %s said, however loud", async (voice) => {
    for (const sentence of SENTENCES) {
      const sound = say(voice, sentence);
      expect(await likeliest(sound)).toBe(sentence);
      expect(await likeliest(sound.map((sample) => sample / 30))).toBe(sentence);
    }
  });

  test("is nothing about noise, where a sentence that was said gets some nats a word", async () => {
    const random = seededRandom(3);
    const noise = Int16Array.from({ length: 32_000 }, () => (random() - 0.5) * 2_000);
    const [inNoise = Number.NaN] = (await moonshine.evidence(noise, ["Play my messages"])) ?? [];
    expect(Math.abs(inNoise)).toBeLessThan(3);
    const [said = 0] = (await moonshine.evidence(say("slt", "play my messages"), ["Play my messages"])) ?? [];
    expect(said).toBeGreaterThan(8);
  });

  test("does not hang on the order of sentences, nor on how many there are", async () => {
    const sound = say("rms", "call ben");
    const many = Array.from({ length: 21 }, (_, at) => SENTENCES[at % SENTENCES.length] ?? "");
    const [alone = Number.NaN] = (await moonshine.evidence(sound, ["Call Ben"])) ?? [];
    const among = (await moonshine.evidence(sound, many)) ?? [];
    expect(among).toHaveLength(many.length);
    // What is read at once shares one scale of 8 bits.
    for (const at of [0, 4, 20]) expect(Math.abs((among[at] ?? Number.NaN) - alone)).toBeLessThan(1.5);
  });

  test("is read of a sentence without end as of its beginning", async () => {
    const endless = ["Call Ben", ...Array.from({ length: 5_000 }, () => "Ben")].join(" ");
    const held = process.memoryUsage().rss;
    const [evidence = Number.NaN] = (await moonshine.evidence(say("slt", "call ben"), [endless])) ?? [];
    expect(Number.isFinite(evidence)).toBe(true);
    expect(process.memoryUsage().rss - held).toBeLessThan(200_000_000);
  });

  test("is nothing where there is too much sound or hardly any, and an empty answer about no sentences", async () => {
    expect(await moonshine.evidence(new Int16Array(16 * 16_000), SENTENCES)).toBeNull();
    expect(await moonshine.evidence(new Int16Array(100), SENTENCES)).toBeNull();
    expect(await moonshine.evidence(new Int16Array(16_000), [])).toEqual([]);
  });
});

test("it is loaded for whoever speaks, and no longer than they may answer", async () => {
  await using atHand = new MoonshineAtHand(50);
  expect(atHand.isLoaded).toBe(false);
  atHand.prepare();
  expect(atHand.isLoaded).toBe(true);
  const sound = say("slt", "call ben");
  const [first, again] = await Promise.all([atHand.evidence(sound, SENTENCES), atHand.evidence(sound, SENTENCES)]);
  expect(again).toEqual(first);
  await expect.poll(() => atHand.isLoaded, { timeout: 5_000 }).toBe(false);
  expect(await atHand.evidence(sound, SENTENCES)).toEqual(first);
});
