import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { wavHeader } from "#audio/wav.ts";
import { CONFIDENCE } from "#device/voice/confidence.ts";
import { judge } from "#scripts/bench/commands/calling.ts";
import { makeCases } from "#scripts/bench/commands/cases.ts";
import { type Answered, type Ears, type Heard, hearAll } from "#scripts/bench/commands/ears.ts";
import { Orders } from "#scripts/bench/commands/orders.ts";
import { readPeople } from "#scripts/bench/commands/people.ts";
import { type Found, scores } from "#scripts/bench/commands/rows.ts";
import { VOICES } from "#scripts/bench/commands/spoken.ts";

const book = readPeople();
const cases = makeCases(book).filter((_, at) => at % 5 === 0);
const said = cases.map(({ sentence }) => sentence.text);
const calls = cases.filter(({ sentence }) => sentence.intent === "call");

describe("of ears that", () => {
  test("hear all that is said, everything is understood and nobody is called wrongly", () => {
    const found = judgeAll((text) => text, 0);
    expect(figure(found, "done, or asked about rightly")).toBe(100);
    expect(figure(found, "calls to the wrong person")).toBe(0);
    expect(figure(found, "calls alone: of these asked about for being unsure")).toBe(0);
  });

  test("hear somebody else's name, each call is told as one to a wrong person", () => {
    const strangers = new Map(
      book.people.map(({ name }, at) => [name, book.people[(at + 1) % book.people.length]?.name ?? ""]),
    );
    const found = judge(
      "of",
      calls,
      answers(
        calls.map((each) => `call ${strangers.get(nameIn(each)) ?? ""}`),
        0,
      ),
      book,
      95,
    );
    expect(figure(found, "calls to the wrong person")).toBe(calls.length);
    expect(figure(found, "done, or asked about rightly")).toBe(0);
  });

  test("are never quite sure, every call is asked about but those that name two people anyhow", () => {
    const found = judgeAll((text) => text, CONFIDENCE.accept);
    const ambiguous = calls.filter((each) => isAskedAnyhow(each)).length;
    const asked = figure(found, "calls alone: of these asked about for being unsure");
    expect(asked).toBeCloseTo((100 * (calls.length - ambiguous)) / calls.length);
  });

  test("are hardly sure, nothing is understood though the words are right", () => {
    const found = judgeAll((text) => text, -20);
    expect(figure(found, "done, or asked about rightly")).toBe(0);
    expect(figure(found, "the words heard right, sure or not")).toBe(100);
    expect(figure(found, "heard right: score, 50 % are below")).toBe(-20);
  });
});

test("scores are told by what a threshold would keep", () => {
  const [line] = scores("of", [-1, -2, -3, -4]).series;
  expect(line?.points.find(([score]) => score === -2)).toEqual([-2, 50]);
  expect(scores("of", []).measured).toEqual([]);
});

test("every second sentence is said by all voices, too, and each by the same voice each time", () => {
  const all = makeCases(book);
  const second = all.filter((_, at) => at % 2 === 0);
  expect(new Set(second.map(({ voice }) => voice))).toEqual(new Set(VOICES));
  expect(all).toEqual(makeCases(book));
});

describe("sounds are heard", () => {
  const sounds = Array.from({ length: 9 }, (_, at) => async () => new Int16Array(at + 1));

  test("each once, whoever of the recognisers is slow, and the answers stand in their order", async () => {
    const ears = new FakeEars();
    const heard = await hearAll(ears.open, "grammar", sounds);
    expect(heard.map(({ text }) => text)).toEqual(sounds.map((_, at) => `grammar ${at + 1}`));
    expect(ears.opened).toBeGreaterThan(0);
    expect(ears.closed).toBe(ears.opened);
  });

  test("until one fails: that is told, and no recogniser stays open", async () => {
    const ears = new FakeEars(5);
    await expect(hearAll(ears.open, "grammar", sounds)).rejects.toThrow("broken");
    expect(ears.closed).toBe(ears.opened);
  });
});

test("an order is right where all its slots are, and no other", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "porter-orders-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const slots = { coffeeDrink: "latte", size: "large", sugarAmount: " a little sugar" };
  await writeFile(path.join(folder, "labels.json"), JSON.stringify({ "1.flac": { intent: "orderDrink", slots } }));
  await writeFile(path.join(folder, "grammar.jsgf"), GRAMMAR);
  await writeFile(path.join(folder, "noise-kitchen.flac"), wavHeader(0));
  await writeFile(path.join(folder, "1.flac"), wavHeader(0));
  const orders = await Orders.read(folder);
  expect(orders.names).toEqual(["1.flac"]);
  expect(orders.isRight("1.flac", "a large latte with a little sugar")).toBe(true);
  expect(orders.isRight("1.flac", "a large latte")).toBe(false);
  expect(orders.isRight("1.flac", "a small latte with a little sugar")).toBe(false);
  expect(orders.isRight("1.flac", "a large latte with a little sugar and whole milk")).toBe(false);
});

const GRAMMAR = `#JSGF V1.0;
<mi> = milk | whole milk;
<su> = sugar | a little sugar;
<ro> = light roast;
<sz> = small | large;
<sh> = single shot;
<dr> = latte | mocha;
`;

function judgeAll(hear: (text: string) => string, score: number): Found {
  return judge("of", cases, answers(said.map(hear), score), book, 95);
}

function answers(texts: readonly string[], score: number): Answered[] {
  return texts.map((text) => ({ text, score, alike: [], nameMargin: null, cpuMs: 0, endCpuMs: 0, soundMs: 1_000 }));
}

/** Two have this given name, and the surname was not said. */
function isAskedAnyhow({ sentence: { text, person } }: (typeof cases)[number]): boolean {
  const [given = "", surname = ""] = person?.name.split(" ") ?? [];
  return !text.includes(surname) && book.people.filter(({ name }) => name.startsWith(`${given} `)).length > 1;
}

function nameIn({ sentence: { person } }: (typeof cases)[number]): string {
  return person?.name ?? "";
}

function figure({ measured }: Found, what: string): number | undefined {
  return measured.find((row) => row.what.endsWith(what))?.value;
}

/** Tells how long a sound was; the first that is opened is slow. */
class FakeEars {
  opened = 0;
  closed = 0;
  readonly #breaksAt: number;

  constructor(breaksAt = 0) {
    this.#breaksAt = breaksAt;
  }

  readonly open = (): Ears => {
    const turns = this.opened === 0 ? 20 : 0;
    this.opened++;
    return {
      hear: async ({ length }, jsgf): Promise<Heard> => {
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        if (length === this.#breaksAt) throw new Error("broken");
        return { text: `${jsgf} ${length}`, score: 0, alike: [], nameMargin: null, cpuMs: 0, endCpuMs: 0 };
      },
      [Symbol.asyncDispose]: async () => {
        this.closed++;
      },
    };
  };
}
