import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PHONES, phoneGraph } from "#audio/engines/phone-graph.ts";
import { freely, scoreOf, withoutBias } from "#audio/engines/phone-score.ts";
import { type PhoneOdds, PhoneSearch } from "#audio/engines/phone-search.ts";
import { readWordGraph } from "#audio/engines/word-graph.ts";

const WAYS = new Map([
  ["call", ["K AO L"]],
  ["block", ["B L AA K"]],
  ["ana", ["AA N AH", "AE N AH"]],
  ["lee", ["L IY"]],
  ["ben", ["B EH N"]],
  ["please", ["P L IY Z"]],
  ["midday", ["M IH D D EY"]],
]);
/** ( call | block ) ( ana | lee | ben | midday ) [ please ] */
const FSG = `FSG_BEGIN <porter.utterance>
NUM_STATES 4
START_STATE 0
FINAL_STATE 3
TRANSITION 0 1 1.000000 call
TRANSITION 0 1 1.000000 block
TRANSITION 1 2 1.000000 ana
TRANSITION 1 2 1.000000 lee
TRANSITION 1 2 1.000000 ben
TRANSITION 1 2 1.000000 midday
TRANSITION 2 3 1.000000 please
TRANSITION 2 3 1.000000 
FSG_END`;
const search = new PhoneSearch(phoneGraph(readWordGraph(FSG), WAYS));
const WIDTH = PHONES.length + 1;
/** What the phone that sounds gets, and each other one. */
const [SURELY, HARDLY] = [Math.log(0.9), Math.log(0.1 / (WIDTH - 1))];

/** Frames in which one phone sounds each; "-" is none. */
function sounding(...frames: readonly string[]): PhoneOdds {
  const logOdds = new Float32Array(frames.length * WIDTH).fill(HARDLY);
  for (const [frame, phone] of frames.entries()) logOdds[frame * WIDTH + PHONES.indexOf(phone) + 1] = SURELY;
  return { logOdds, frames: frames.length, width: WIDTH };
}

function heard(odds: PhoneOdds, without?: ReadonlySet<string>): string | null {
  return (
    search
      .find(odds, without)
      ?.words.map(({ word }) => word)
      .join(" ") ?? null
  );
}

/** Each phone for so many frames, with silence between. */
function said(text: string, frames = 2): string[] {
  const phones = text.split(" ").flatMap((word) => WAYS.get(word)?.[0]?.split(" ") ?? []);
  return phones.flatMap((phone) => [...Array.from({ length: frames }, () => phone), "-"]);
}

test('words that begin as others do, and fit better as a whole, are not given up: "who" is said faintly', () => {
  const block = ["K", "K", "K", "L", "L", "AA", "AA", "AA", "K", "K"];
  expect(heard(sounding(...block, ...said("ben")))).toBe("block ben");
});

/** The network is not sure which phones sound. */
function mumbled(text: string): PhoneOdds {
  const odds = sounding(...said(text));
  return { ...odds, logOdds: odds.logOdds.map((each) => each / 4) };
}

describe("the search for words among phones", () => {
  test.each(["call ana", "call lee", "block ben please", "block ana"])(
    "finds %j, however long each phone lasts",
    (text) => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 20 }), (frames, pause) => {
          const silence = Array.from({ length: pause }, () => "-");
          expect(heard(sounding(...silence, ...said(text, frames), ...silence))).toBe(text);
        }),
      );
    },
  );

  test("knows every way to say a word", () => {
    for (const way of ["AA N AH", "AE N AH"]) {
      expect(search.find(sounding("K", "AO", "L", ...way.split(" ")))?.logOdds).toBeCloseTo(6 * SURELY);
    }
  });

  test.each([
    ["of two words", "K AO L - L IY", "K AO L L IY IY"],
    ["of one word", "K AO L M IH D - D EY", "K AO L M IH D D EY EY"],
  ])("needs silence between two phones of a kind %s", (_, apart, together) => {
    const odds = (frames: string) => search.find(sounding(...frames.split(" ")))?.logOdds ?? Number.NaN;
    const frames = apart.split(" ").length;
    expect(odds(apart)).toBeCloseTo(frames * SURELY);
    expect(odds(together)).toBeLessThan(frames * SURELY - 3);
  });

  test("says from where to where each word goes, and what its odds are", () => {
    const found = search.find(sounding("-", ..."K AO L B EH N".split(" "), "-"));
    expect(found?.words.map(({ word, firstFrame, lastFrame }) => [word, firstFrame, lastFrame])).toEqual([
      ["call", 0, 3],
      ["ben", 4, 7],
    ]);
    expect(found?.words.reduce((sum, { logOdds }) => sum + logOdds, 0)).toBeCloseTo(found?.logOdds ?? Number.NaN);
  });

  test("without a word finds what fits best of the rest, and the word again afterwards", () => {
    const ana = sounding(...said("call ana"));
    const other = search.find(ana, new Set(["ana"]));
    expect(heard(ana, new Set(["ana"]))).toMatch(/^call (lee|ben|midday)$/);
    expect(other?.logOdds).toBeLessThan((search.find(ana)?.logOdds ?? 0) - 5);
    expect(heard(ana)).toBe("call ana");
  });

  test("finds several sentences, the best first, and none better than if nothing else could be said", () => {
    const odds = mumbled("call ana");
    const found = search.findSeveral(odds, 20);
    const texts = found.map(({ words }) => words.map(({ word }) => word).join(" "));
    expect(texts[0]).toBe("call ana");
    expect(found[0]).toEqual(search.find(odds));
    expect(texts).toContain("call ben");
    expect(new Set(texts).size).toBe(texts.length);
    const all = found.map(({ logOdds }) => logOdds);
    expect(all).toEqual(all.toSorted((one, other) => other - one));
    for (const { words, logOdds } of found) {
      const arcs = words.map(({ word }, at) => ({ from: at, to: at + 1, word }));
      const alone = phoneGraph({ places: words.length + 1, start: 0, end: words.length, arcs }, WAYS);
      const exactly = new PhoneSearch(alone).find(odds)?.logOdds ?? Number.NaN;
      expect(logOdds).toBeLessThanOrEqual(exactly + 1e-6);
      expect(words.at(-1)?.lastFrame).toBe(odds.frames - 1);
    }
  });

  test("finds no more sentences than it is asked for", () => {
    expect(search.findSeveral(mumbled("call ana"), 2)).toHaveLength(2);
  });

  test("finds nothing in sound that is too short for any words, or in none", () => {
    expect(heard(sounding("K", "AO", "L"))).toBeNull();
    expect(heard(sounding())).toBeNull();
  });

  test("takes whatever numbers come without a throw", () => {
    fc.assert(
      fc.property(fc.array(fc.float({ max: 0, noNaN: true }), { maxLength: 20 * WIDTH }), (numbers) => {
        const frames = Math.floor(numbers.length / WIDTH);
        const odds = { logOdds: Float32Array.from(numbers.slice(0, frames * WIDTH)), frames, width: WIDTH };
        expect(heard(odds) ?? "call").toMatch(/^(call|block)/);
      }),
    );
  });
});

test("words that were said score next to 0, and others the worse the more of them is wrong", () => {
  const score = (text: string, heardOdds: PhoneOdds): number => {
    const words = text.split(" ");
    const arcs = words.map((word, at) => ({ from: at, to: at + 1, word }));
    const graph = phoneGraph({ places: words.length + 1, start: 0, end: words.length, arcs }, WAYS);
    const { phones, logOdds } = freely(heardOdds);
    const usual = { nats: Math.max(5, phones), phones };
    return scoreOf(new PhoneSearch(graph).find(heardOdds)?.logOdds ?? Number.NaN, usual, { phones, logOdds });
  };
  const odds = sounding(...said("call ana"));
  expect(freely(odds)).toMatchObject({ phones: 6 });
  expect(score("call ana", odds)).toBeCloseTo(0);
  expect(score("call ben", odds)).toBeLessThan(-1);
  expect(score("block ben", odds)).toBeLessThan(score("call ben", odds));
});

test("evidence that a sentence was said makes its score better, up to 0, and evidence against it worse", () => {
  const free = { logOdds: -10, phones: 10 };
  const [against, none, usual, much] = [-10, 0, 10, 100].map((evidence) =>
    scoreOf(-12, { nats: evidence, phones: 10 }, free),
  );
  expect(against).toBeLessThan(none ?? 0);
  expect(none).toBeLessThan(usual ?? 0);
  expect(usual).toBeCloseTo(-0.2);
  expect(much).toBe(0);
  expect(scoreOf(-12, { nats: 5, phones: 5 }, free)).toBeCloseTo(usual ?? 0);
});

test("silence counts for less than the network thinks, in each frame alike", () => {
  const [odds, plain] = [withoutBias(sounding("-", "K", "-")), sounding("-", "K", "-")];
  const changes = [...odds.logOdds].map((value, at) => value - (plain.logOdds[at] ?? 0));
  expect(changes.flatMap((change, at) => (change === 0 ? [] : [at]))).toEqual([0, WIDTH, 2 * WIDTH]);
  expect(Math.min(...changes)).toBeCloseTo(Math.max(...changes.filter((change) => change < 0)));
});

test.each([
  "",
  "NUM_STATES 2",
  FSG.replace("0 1", "0 9"),
  FSG.replace("START_STATE 0", "START_STATE -1"),
  "no grammar",
])("a written grammar that is none is refused: %#", (text) => {
  expect(() => readWordGraph(text)).toThrow("cannot be read");
});
