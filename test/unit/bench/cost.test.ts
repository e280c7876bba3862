import { expect, test } from "vitest";
import { corePercent, costOf } from "#scripts/bench/cost.ts";

test("a process that computes without a pause takes about as much CPU as it says", async () => {
  const before = await costOf(process.pid);
  const spent = process.cpuUsage();
  const untilMs = performance.now() + 300;
  while (performance.now() < untilMs) Math.sqrt(untilMs);
  const after = await costOf(process.pid);
  const { user, system } = process.cpuUsage(spent);
  expect(Math.abs(after.cpuMs - before.cpuMs - (user + system) / 1_000)).toBeLessThan(60);
  expect(corePercent({ atMs: 0, cpuMs: 0, memoryMb: 0 }, { atMs: 1_000, cpuMs: 150, memoryMb: 0 })).toBe(15);
  expect(after.memoryMb).toBeGreaterThan(20);
});

test("a process that is not there is said to be missing", async () => {
  await expect(costOf(2 ** 22 + 1)).rejects.toThrow("ENOENT");
});
