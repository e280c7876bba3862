import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { type Run, run } from "#test/fuzz/run.ts";
import { seed } from "#test/fuzz/seed.ts";
import type { Target } from "#test/fuzz/target.ts";
import { PLAN } from "#test/fuzz/targets.ts";
import type { Share } from "#test/fuzz/worker.ts";

const THREADS = 2;
const PIECES = 8;
/** Coarse: an input of some kilobytes that takes so long, tried alone, does work that grows faster than it. */
const MOST_MS = 500;
const MOST_GROWTH_BYTES = 128 * 1_024 * 1_024;
/** A part of it, for trying: PORTER_PART=0.01. */
const part = Number(process.env.PORTER_PART ?? "1");

type Piece = Readonly<{ done: Run; heapBytes: number }>;

/** Every target's inputs, halved between the threads. */
function sharesOf(thread: number): Share[] {
  return PLAN.map(({ target, long }) => {
    const inputs = Math.ceil((long * part) / THREADS);
    return { name: target.name, seed: seed(), from: thread * inputs, inputs, pieces: PIECES };
  });
}

function attack(shares: readonly Share[], onPiece: (piece: Piece) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("../fuzz/worker.ts", import.meta.url), { workerData: shares });
    worker.on("message", onPiece);
    worker.once("error", reject);
    worker.once("exit", () => resolve());
  });
}

test("ten million inputs break nothing, get nobody in who may not, and none takes long", async () => {
  const startedMs = performance.now();
  const pieces = new Map<string, Piece[]>();
  const onPiece = (piece: Piece) => {
    const { name } = piece.done;
    const all = [...(pieces.get(name) ?? []), piece];
    pieces.set(name, all);
    if (all.length === THREADS * PIECES) tell(startedMs, name, all);
  };
  console.log(`fuzz: seed ${seed()}, ${THREADS} threads`);
  await Promise.all(Array.from({ length: THREADS }, (_, thread) => attack(sharesOf(thread), onPiece)));
  let inputs = 0;
  for (const { target, quick, long } of PLAN) {
    const all = pieces.get(target.name) ?? [];
    inputs += sum(all.map(({ done }) => done.inputs));
    const { index } = slowestOf(all);
    expect(await timeAloneMs(target, index), `${target.name}: input ${index}`).toBeLessThan(MOST_MS);
    for (const end of long * part < quick ? [] : target.meets)
      expect(
        all.some(({ done }) => end in done.tally),
        `${target.name}: ${end}`,
      ).toBe(true);
    const [first, last] = [all[0]?.heapBytes ?? 0, all.at(-1)?.heapBytes ?? 0];
    expect(last - first, `${target.name}: memory`).toBeLessThan(MOST_GROWTH_BYTES);
  }
  console.log(`fuzz: ${inputs} inputs in ${Math.round((performance.now() - startedMs) / 1_000)} s`);
  expect(inputs).toBeGreaterThanOrEqual(10_000_000 * Math.min(part, 1));
});

function tell(startedMs: number, name: string, all: readonly Piece[]): void {
  const inputs = sum(all.map(({ done }) => done.inputs));
  const rate = Math.round(inputs / sum(all.map(({ done }) => done.seconds)));
  const slowest = slowestOf(all);
  const heapMb = Math.round(Math.max(...all.map(({ heapBytes }) => heapBytes)) / 1_048_576);
  const tally: Record<string, number> = {};
  for (const { done } of all)
    for (const [end, count] of Object.entries(done.tally)) tally[end] = (tally[end] ?? 0) + count;
  const ends = Object.entries(tally).toSorted(([, a], [, b]) => b - a);
  const told = ends.slice(0, 8).map(([end, count]) => `${end} ${count}`);
  const atS = Math.round((performance.now() - startedMs) / 1_000);
  console.log(
    `fuzz ${atS} s: ${name} ${inputs} inputs, ${rate}/s a thread, slowest ${slowest.ms.toFixed(1)} ms (input ${slowest.index}), heap ${heapMb} MB; ${told.join(", ")}`,
  );
}

function slowestOf(all: readonly Piece[]): Run["slowest"] {
  return all.map(({ done }) => done.slowest).reduce((a, b) => (a.ms > b.ms ? a : b), { index: 0, ms: 0 });
}

/** The best of three, on a target that was just opened: what else the machine does is left out. */
async function timeAloneMs(target: Target, index: number): Promise<number> {
  let bestMs = Number.POSITIVE_INFINITY;
  for (let time = 0; time < 3; time += 1) {
    const { slowest } = await run(target, { seed: seed(), from: index, inputs: 1 });
    bestMs = Math.min(bestMs, slowest.ms);
  }
  return bestMs;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}
