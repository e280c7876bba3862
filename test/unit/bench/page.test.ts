import { expect, test } from "vitest";
import { resultsPage } from "#scripts/bench/all/page.ts";
import { type Result, type Results, readPrinted } from "#scripts/bench/all/results.ts";

const HOSTILE = `</style><script>alert("x")</script>`;

function resultsOf(...results: Partial<Result>[]): Results {
  const none = { summary: "", passed: true, seconds: 1, fault: "", rows: [], series: [], printed: [] };
  const machine = { cpu: HOSTILE, cores: 2, memoryGb: 4, node: "v24" };
  return {
    startedMs: 0,
    quick: false,
    machine,
    results: results.map((one, at) => ({ ...none, name: `b${at}`, ...one })),
  };
}

test("what a benchmark printed is read line by line, and what is no figure of ours is kept as it was", () => {
  const rows = [{ what: "a", value: null, unit: "ms", budget: 3, kept: false, colour: "red" }];
  const printed = ["not JSON", "7", JSON.stringify({ bench: "x", measured: rows }), JSON.stringify({ other: [] }), ""];
  const read = readPrinted(printed.join("\n"));
  expect(read.printed).toHaveLength(3);
  expect(read.rows).toMatchObject([{ what: "a", value: null, kept: false, atLeast: false }]);
});

test("the page says which budgets were missed and which benchmark failed, with its last words", () => {
  const missed = { what: "slow", value: 12.5, unit: "ms", budget: 10, kept: false, atLeast: false, proposed: false };
  const page = resultsPage(resultsOf({ rows: [missed] }, { passed: false, fault: "no such device" }));
  expect(page).toContain("1 of 1 budgets missed");
  expect(page).toContain("1 of 2 benchmarks failed");
  expect(page).toContain("no such device");
  expect(page).toMatch(/12\.5 ms.*≤ 10 ms/);
});

test("the page runs and loads nothing, whatever a benchmark said", () => {
  const row = { what: HOSTILE, value: 1, unit: HOSTILE, budget: 1, kept: true, atLeast: false, proposed: false };
  const line = {
    what: HOSTILE,
    unit: HOSTILE,
    x: HOSTILE,
    points: [
      [0, 1],
      [1, 2],
    ] as [number, number][],
  };
  const page = resultsPage(resultsOf({ summary: HOSTILE, fault: HOSTILE, passed: false, rows: [row], series: [line] }));
  expect(page).not.toContain("<script");
  expect(page).not.toMatch(/(src|href)="(?!#|data:)/);
  expect(page).toContain("default-src 'none'");
});

test("a line that never moves, and figures of zero, are drawn all the same", () => {
  const row = { what: "a", value: 0, unit: "count", budget: 0, kept: true, atLeast: false, proposed: false };
  const line = {
    what: "still",
    unit: "MB",
    x: "hours",
    points: [
      [0, 0],
      [0, 0],
    ] as [number, number][],
  };
  expect(resultsPage(resultsOf({ rows: [row], series: [line] }))).not.toContain("NaN");
});
