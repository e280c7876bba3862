import { expect, test } from "vitest";
import { RATE_HZ } from "#audio/frame.ts";
import { seededRandom } from "#scripts/hear/random.ts";
import { type Clip, findWordEnd, withNarrowBand, withSpeed } from "#scripts/train-wake/clip.ts";
import { editDistance, nearWords } from "#scripts/train-wake/dictionary.ts";
import { babble, music, recorded, rushing } from "#scripts/train-wake/noises.ts";

const SECOND = RATE_HZ;

function tone(hz: number, from = 0, until = SECOND): Int16Array {
  return Int16Array.from({ length: SECOND }, (_, i) =>
    i < from || i >= until ? 0 : 8_000 * Math.sin((2 * Math.PI * hz * i) / RATE_HZ),
  );
}

function levelOf(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

test("words are as far apart as phones must be put in, left out or changed", () => {
  const phones = (text: string) => text.split(" ");
  expect(editDistance(phones("K AH M"), phones("K AH M"))).toBe(0);
  expect(editDistance(phones("K AH M"), phones("K AE M P"))).toBe(2);
  expect(editDistance(phones("JH AA R V AH S"), phones("HH AA R V AH S T"))).toBe(2);
  expect(editDistance([], phones("K AH M"))).toBe(3);
});

test("the nearest words come first, and what contains the word is none of them", () => {
  const dictionary = new Map(
    Object.entries({
      computer: "K AH M P Y UW T ER",
      commuter: "K AH M Y UW T ER",
      computers: "K AH M P Y UW T ER Z",
      compute: "K AH M P Y UW T",
      tea: "T IY",
      completed: "K AH M P L IY T AH D",
    }).map(([word, phones]) => [word, phones.split(" ")]),
  );
  expect(nearWords(dictionary, "computer", 3)).toEqual(["commuter", "compute", "completed"]);
});

test("a word ends where its level falls for good, though something clicks behind it", () => {
  const said = tone(300, 2_000, 9_600);
  said[14_000] = 20_000;
  expect(findWordEnd(said)).toBe(9_600);
});

test("a word that is said faster ends sooner", () => {
  const clip: Clip = { samples: tone(300, 2_000, 9_600), wordEnd: 9_600 };
  const faster = withSpeed(clip, 1.2);
  expect(faster.wordEnd).toBe(8_000);
  expect(findWordEnd(faster.samples)).toBe(8_000);
  expect(withSpeed({ ...clip, wordEnd: null }, 1.2).wordEnd).toBeNull();
});

test("a narrow band keeps what a telephone carries and nothing above it", () => {
  for (const [hz, kept] of [
    [500, 1],
    [2_500, 1],
    [5_000, 0],
    [7_000, 0],
  ] as const) {
    const samples = tone(hz);
    const heard = withNarrowBand({ samples, wordEnd: null }).samples;
    expect(levelOf(heard) / levelOf(samples), `${hz} Hz`).toBeCloseTo(kept, 1);
  }
});

test.each([
  ["babble", babble([{ samples: tone(200), wordEnd: null }])],
  ["a recording", recorded(tone(500))],
  ["rushing", rushing],
  ["music", music],
])("%s is as long as asked, sounds, and is the same for the same seed", (_, noise) => {
  const made = noise(seededRandom(3), SECOND);
  expect(made).toHaveLength(SECOND);
  expect(levelOf(made)).toBeGreaterThan(20);
  expect(noise(seededRandom(3), SECOND)).toEqual(made);
  expect(noise(seededRandom(4), SECOND)).not.toEqual(made);
});
