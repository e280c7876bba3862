import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { speakToFile } from "#test/house/audio-process.ts";
import { EarsRun } from "#test/house/ears-run.ts";
import { describeLegCalls, makeLegCalls } from "#test/house/leg-calls.ts";
import { GOES_WRONG_MS } from "#test/house/odd-ears-ways.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

let folder: Awaited<ReturnType<typeof makeTempFolder>>;
let wakeWord: string;
beforeAll(async () => {
  folder = await makeTempFolder();
  wakeWord = await speakToFile("computer", folder.path);
});
afterAll(() => folder[Symbol.asyncDispose]());

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

/** `how` is done to a real audio process, which must be followed by one that hears the wake word. */
async function replaced(how: NodeJS.Signals): Promise<number> {
  await using run = new EarsRun(null);
  await run.nth("ready", 1);
  await sleep(1_000);
  const first = run.ears.pid ?? 0;
  const fromMs = performance.now();
  process.kill(first, how);
  const readyMs = await run.nth("ready", 2);
  run.ears.send({ type: "room-play", id: 1, path: wakeWord, gainDb: 0 });
  await run.nth("wake", 1, 5_000);
  expect(run.ears.pid).not.toBe(first);
  expect(isAlive(first)).toBe(false);
  expect(run.count("death")).toBe(1);
  return readyMs - fromMs;
}

describe("an audio process", () => {
  test.each<[string, NodeJS.Signals]>([
    ["crashes", "SIGKILL"],
    ["stands still as a whole", "SIGSTOP"],
  ])("that %s is followed by one that hears the wake word", async (what, how) => {
    console.log(`after one that ${what}, the next listens in ${Math.round(await replaced(how))} ms`);
  });

  test("ends with its brain, even where it stands still at that moment", async () => {
    const owner = fork(fileURLToPath(new URL("../house/ears-owner.ts", import.meta.url)));
    const [pid] = (await once(owner, "message")) as [number];
    process.kill(pid, "SIGSTOP");
    owner.kill("SIGKILL");
    await once(owner, "exit");
    for (let tries = 0; tries < 40 && isAlive(pid); tries += 1) await sleep(25);
    const outlived = isAlive(pid);
    if (outlived) process.kill(pid, "SIGKILL");
    expect(outlived).toBe(false);
  });
});

describe.concurrent("a stand-in for the audio process", () => {
  test.each(["spins", "goes-quiet", "gets-no-sound"] as const)(
    "that %s is killed and replaced, with an apology due",
    async (way) => {
      await using run = new EarsRun({ way, once: join(folder.path, way) });
      const hangsMs = (await run.nth("ready", 1)) + GOES_WRONG_MS;
      const deathMs = await run.nth("death", 1);
      const readyMs = await run.nth("ready", 2);
      // Whose device gives nothing gets time to recover.
      expect(deathMs - hangsMs > 2_000).toBe(way === "gets-no-sound");
      expect(readyMs).toBeGreaterThan(deathMs);
      await sleep(1_000);
      expect(run.count("death")).toBe(1);
    },
  );

  test("that spins on an emulated machine is given the time that it is said to need, and no more", async () => {
    await using run = new EarsRun({ way: "spins", once: join(folder.path, "patience") }, { patience: 4 });
    const hangsMs = (await run.nth("ready", 1)) + GOES_WRONG_MS;
    expect((await run.nth("death", 1)) - hangsMs).toBeGreaterThan(2_000);
  });

  test("that dies at once comes again and again, shows the fault, and is told in the status", async () => {
    await using run = new EarsRun({ way: "dies" });
    const thirdMs = await run.nth("death", 3);
    expect(await run.nth("failing", 1)).toBeGreaterThanOrEqual(thirdMs);
    await run.nth("death", 4);
    expect(run.ears.trouble).toMatch(/started again 4 times within an hour; the last time it had ended by itself/);
  });

  test("that grows is replaced, but not in a call unless it is near the end of what there is", async () => {
    await using run = new EarsRun({ way: "leaks" }, { memory: { soft: 150, hard: 10_000 } });
    run.idle = false;
    await run.nth("ready", 1);
    await sleep(3_500);
    expect(run.count("death")).toBe(0);
    run.idle = true;
    await run.nth("death", 1, 6_000);
  });
});

test("an audio process that lives well is left alone, also by a brain that was itself held up", async () => {
  await using run = new EarsRun({ way: "well" });
  await run.nth("ready", 1);
  await sleep(300);
  const untilMs = performance.now() + 1_500;
  while (performance.now() < untilMs);
  await sleep(1_000);
  expect(run.count("death")).toBe(0);
});

// About once in a hundred calls wrtc takes the process with it (README, "Whom you let into a call"): not what is tested.
test("twelve calls in a row leave as many descriptors and threads as one", { retry: 1 }, async () => {
  const made = await makeLegCalls(12);
  console.log(describeLegCalls(made));
  for (const { fds, threads } of made.ends.map(({ first, last }) => ({
    fds: last.fds - first.fds,
    threads: last.threads - first.threads,
  }))) {
    expect(Math.abs(fds)).toBeLessThanOrEqual(30);
    expect(Math.abs(threads)).toBeLessThanOrEqual(4);
  }
});
