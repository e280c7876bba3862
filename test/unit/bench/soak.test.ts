import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Line, Samples, type Who } from "#scripts/bench/soak/samples.ts";
import { judgeSoak } from "#scripts/bench/soak/verdict.ts";
import { seededRandom } from "#scripts/hear/random.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const UNITS: readonly Who[] = ["Ana's brain", "Ana's audio", "Ben's brain", "Ben's audio"];
const MINUTE_MS = 60_000;

/** An hour of samples every 5 s, in which one process grows by so much an hour, and each wanders by a megabyte. */
function hour({ growthMb = 0, wanderMb = 2, fromMs = 0, pid = 1 } = {}): Line[] {
  const random = seededRandom(7);
  const lines: Line[] = [
    { what: "start", atMs: fromMs },
    { what: "round", atMs: fromMs, fault: null },
  ];
  for (let atMs = fromMs; atMs <= fromMs + 60 * MINUTE_MS; atMs += 5_000) {
    const grown = (growthMb * (atMs - fromMs)) / (60 * MINUTE_MS);
    const held = UNITS.map((who, at) => {
      const memoryMb = 100 + wanderMb * random() + (at === 1 ? grown : 0);
      return { who, pid: pid + at, memoryMb, cpuMs: (atMs - fromMs) / 10, fds: 30, threads: 9 };
    });
    lines.push({ what: "sample", atMs, held });
  }
  return lines;
}

test("an hour in which memory wanders and nothing crashes passes", () => {
  const verdict = judgeSoak(hour());
  expect(verdict).toMatchObject({ passed: true, hours: 1, rounds: 1, crashes: [] });
  expect(verdict.lives.map((life) => life.verdict)).toEqual(["flat", "flat", "flat", "flat"]);
  expect(verdict.lives[0]?.cpuPercent).toBeCloseTo(10);
});

test("one process that grows by two megabytes an hour fails it, and is named", () => {
  const { passed, lives } = judgeSoak(hour({ growthMb: 2 }));
  expect(passed).toBe(false);
  expect(lives.filter(({ verdict }) => verdict === "grows").map(({ who }) => who)).toEqual(["Ana's audio"]);
});

test("an hour in which memory goes up and down too much to tell such a leak fails it", () => {
  const { passed, lives } = judgeSoak(hour({ wanderMb: 60 }));
  expect(passed).toBe(false);
  expect(lives.map(({ verdict }) => verdict)).toEqual(["noisy", "noisy", "noisy", "noisy"]);
});

test("what grows while the rounds are dense does not count, what grows after them does", () => {
  const warm: Line = { what: "warm", atMs: 30 * MINUTE_MS };
  const grown = (line: Line, from: number, to: number): Line => {
    if (line.what !== "sample") return line;
    const share = Math.min(1, Math.max(0, (line.atMs / MINUTE_MS - from) / (to - from)));
    return { ...line, held: line.held.map((held) => ({ ...held, memoryMb: held.memoryMb + 20 * share })) };
  };
  const lines = [...hour().slice(0, 1), warm, ...hour().slice(1)];
  expect(judgeSoak(lines.map((line) => grown(line, 0, 30))).passed).toBe(true);
  expect(judgeSoak(lines.map((line) => grown(line, 30, 60))).passed).toBe(false);
});

test("one crash fails it, and so does nothing to judge by", () => {
  expect(judgeSoak([...hour(), { what: "crash", atMs: 61 * MINUTE_MS, who: "Ben's audio" }]).passed).toBe(false);
  expect(judgeSoak([]).passed).toBe(false);
});

test("an hour in which most rounds went wrong fails it, however flat it was", () => {
  const faults = Array.from({ length: 2 }, (): Line => ({ what: "round", atMs: 60 * MINUTE_MS, fault: "no ring" }));
  expect(judgeSoak([...hour(), ...faults]).passed).toBe(false);
});

test("two minutes are too short to tell a slope", () => {
  const { passed, lives } = judgeSoak(hour({ growthMb: 500 }).slice(0, 25));
  expect(passed).toBe(true);
  expect(lives.every(({ verdict }) => verdict === "unknown")).toBe(true);
});

test("a night between two runs counts neither as time nor as growth", () => {
  const verdict = judgeSoak([...hour(), ...hour({ fromMs: 600 * MINUTE_MS, pid: 50 })]);
  expect(verdict.hours).toBeCloseTo(2);
  expect(verdict.passed).toBe(true);
});

test("a file that was broken off in a line goes on with what is whole", async () => {
  await using folder = await makeTempFolder();
  const path = join(folder.path, "soak.jsonl");
  const [start, , sample] = hour();
  await writeFile(path, `${JSON.stringify(start)}\n${JSON.stringify(sample)}\n{"what":"sample","atMs":5`);
  const samples = await Samples.resume(path);
  expect(samples.lines).toEqual([start, sample]);
  await samples.add({ what: "round", atMs: 9, fault: null });
  expect((await Samples.resume(path)).lines).toHaveLength(3);
});
