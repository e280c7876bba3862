import { describe, expect, test } from "vitest";
import { faultIn, SITUATIONS, type Situation } from "#scripts/bench/indistinguishable/situations.ts";
import type { Trials } from "#scripts/bench/indistinguishable/stage.ts";
import type { Trial } from "#scripts/bench/indistinguishable/trial.ts";
import { detectableShiftMs, judge } from "#scripts/bench/indistinguishable/verdict.ts";
import { seededRandom } from "#scripts/hear/random.ts";

type Changed = (trial: Trial, situation: Situation, index: number) => Trial;

/** Trials of a hub that answers on ticks of 20 ms: what a caller waits is anything from 20 to 40 ms. */
function trialsOf(count: number, seed = 1, changed: Changed = (trial) => trial): Trials {
  const random = seededRandom(seed);
  const of = (situation: Situation) =>
    Array.from({ length: count }, (_, index): Trial => {
      const times = { accepted: 20 + 20 * random(), acknowledged: random() };
      return changed({ shape: "PUBACK\naccepted", times }, situation, index);
    });
  return {
    blocked: of("blocked"),
    unknown: of("unknown"),
    quiet: of("quiet"),
    ignored: of("ignored"),
    unanswered: of("unanswered"),
    unplugged: of("unplugged"),
  };
}

const later =
  (situation: Situation, ms: number): Changed =>
  (trial, of) =>
    of === situation ? { ...trial, times: { ...trial.times, accepted: (trial.times.accepted ?? 0) + ms } } : trial;

describe("the verdict", () => {
  test("calls six alike what is alike, and compares every two of them in every time", () => {
    const { same, pairs, shapes, threshold } = judge(trialsOf(50));
    expect(same).toBe(true);
    expect(pairs).toHaveLength(15 * 2);
    expect(shapes).toHaveLength(1);
    expect(threshold).toBeCloseTo(0.01 / 30, 12);
  });

  test("raises no false alarm in 100 runs of six alike", () => {
    const alarms = Array.from({ length: 100 }, (_, seed) => judge(trialsOf(30, seed))).filter(({ same }) => !same);
    expect(alarms.length).toBeLessThanOrEqual(3);
  });

  test.each(SITUATIONS)("finds the one that takes 20 ms longer, here: %s", (situation) => {
    const { same, because, pairs, threshold } = judge(trialsOf(50, 1, later(situation, 20)));
    expect(same).toBe(false);
    expect(because).toContain(situation);
    expect(pairs.filter(({ p }) => p <= threshold)).toHaveLength(5);
  });

  test("finds one single call of 300 with a packet more, with another byte, or with one less", () => {
    for (const shape of ["PUBACK\naccepted\naccepted", "PUBACK\naccepteD", "PUBACK"]) {
      const one: Changed = (trial, of, at) => (of === "quiet" && at === 49 ? { ...trial, shape } : trial);
      const { same, because, shapes } = judge(trialsOf(50, 1, one));
      expect(same).toBe(false);
      expect(because).toContain("the packets differ");
      expect(shapes.map(({ seen }) => seen.quiet)).toEqual([49, 1]);
    }
  });

  test("takes an answer that never came for the latest of all", () => {
    const never: Changed = (trial, of, at) =>
      of === "blocked" && at < 60 ? { ...trial, times: { ...trial.times, accepted: Number.NaN } } : trial;
    expect(judge(trialsOf(200, 1, never)).because).toContain("accepted: blocked");
  });

  test("says what shift it would find, and finds that one in nearly every run", () => {
    const random = seededRandom(5);
    const shiftMs = detectableShiftMs(trialsOf(50), "accepted", 50, random);
    expect(shiftMs).toBeGreaterThan(5);
    expect(shiftMs).toBeLessThan(15);
    const found = (ms: number) =>
      Array.from({ length: 40 }, (_, seed) => judge(trialsOf(50, seed, later("ignored", ms)))).filter(
        ({ same }) => !same,
      );
    expect(found(shiftMs * 1.2).length).toBeGreaterThan(35);
    expect(found(shiftMs / 3).length).toBeLessThan(5);
  });
});

describe("a trial that is not what it claims to be is refused:", () => {
  const seen = (verdict: string, times: number, rang = 0, opened = 0) => ({
    verdicts: { [verdict]: times },
    rang,
    opened,
  });

  test("only so many verdicts and rings as there were trials are right", () => {
    expect(faultIn("blocked", seen("drop blocked", 20), 10)).toBeNull();
    expect(faultIn("unknown", seen("drop unknown", 20), 10)).toBeNull();
    expect(faultIn("quiet", seen("take-message quiet-hours", 10), 10)).toBeNull();
    expect(faultIn("ignored", seen("admit granted", 10, 10), 10)).toBeNull();
    expect(faultIn("unanswered", seen("admit granted", 10, 10), 10)).toBeNull();
    expect(faultIn("unplugged", seen("", 0), 10)).toBeNull();
  });

  test.each<[string, Situation, ReturnType<typeof seen>]>([
    ["a blocked caller who was let in", "blocked", seen("admit granted", 20, 10)],
    ["a call that never arrived", "blocked", seen("drop blocked", 19)],
    ["a call that nobody made", "blocked", seen("drop blocked", 21)],
    ["calls that should have rung and did not", "unanswered", seen("admit granted", 100, 94)],
    ["quiet hours in which it rang", "quiet", seen("take-message quiet-hours", 10, 1)],
    ["a unit that was unplugged and judged all the same", "unplugged", seen("admit granted", 1, 1)],
    ["a leg that was to be opened", "ignored", seen("admit granted", 10, 10, 1)],
  ])("%s", (_, situation, what) => {
    expect(faultIn(situation, what, situation === "unanswered" ? 100 : 10)).toContain(situation);
  });
});
