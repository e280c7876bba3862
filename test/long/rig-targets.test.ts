import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { SimTarget } from "#scripts/rig/targets/sim.ts";
import { LOOPBACK } from "#scripts/rig/targets/target.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";
import { describeTarget } from "../contract/target.ts";
import { SimulatedBoard } from "../house/simulated-board.ts";

const RIG = resolve(import.meta.dirname, "../../scripts/rig.ts");

describeTarget("processes of this machine", async () => ({
  address: LOOPBACK,
  lacks: {},
  make: (options) => new SimTarget(options),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}));

type Played = Readonly<{ code: number; said: string; junit: string }>;

/** `npm run rig -- … --target board`, on a simulated one. */
async function play(board: SimulatedBoard, folder: string, words: readonly string[]): Promise<Played> {
  const args = [RIG, ...words, "--target", "board", "--out", folder];
  const env = { ...process.env, ...board.environment };
  const [code, said] = await new Promise<[number, string]>((done) => {
    const run = execFile(process.execPath, args, { env }, (_, stdout, stderr) =>
      done([run.exitCode ?? -1, stdout + stderr]),
    );
  });
  const junit = await readFile(join(folder, "board/junit.xml"), "utf8").catch(() => "");
  return { code, said, junit };
}

test("scenarios that come with Porter pass on a board, by its line, its card and its supply; what it lacks is skipped", async () => {
  await using folder = await makeTempFolder();
  await using board = await SimulatedBoard.make(join(folder.path, "simulated"));
  const file = join(folder.path, "board.json");
  await writeFile(file, JSON.stringify(board.settings));
  const scenarios = ["incoming-call", "blocked", "mute", "button-answers", "block-power-cut", "doctor-and-call"];
  const played = await play(board, folder.path, [...scenarios, "--board", file]);
  expect(played.code, played.said).toBe(0);
  expect(played.junit).toContain('tests="6" failures="0" errors="0" skipped="1"');
  expect(played.junit).toMatch(/<skipped message="doctor: /);
}, 300_000);

test("a unit whose jumper is not set, or that is its owner's, is not touched, and a wrong port is told with what to do", async () => {
  await using folder = await makeTempFolder();
  await using board = await SimulatedBoard.make(join(folder.path, "simulated"), { jumper: false });
  const { port, powerCommand = "" } = board.settings;
  const wired = ["--port", port, "--power-command", powerCommand];
  const without = await play(board, folder.path, ["blocked", ...wired]);
  expect(without.code).toBe(1);
  expect(without.junit).toContain('failures="0" errors="0" skipped="1"');
  expect(without.junit).toMatch(/set the jumper on its board and restart it/);
  const nowhere = await play(board, folder.path, ["blocked", "--port", join(folder.path, "none")]);
  expect(nowhere.code).toBe(1);
  expect(nowhere.said).toMatch(/is the cable plugged in/);
}, 300_000);
