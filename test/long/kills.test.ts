import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { seed } from "#test/fuzz/seed.ts";
import { bookUnit, type Counts, killWhileChanging, type Start } from "#test/house/book-kills.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const MAIN = fileURLToPath(new URL("../../device/main.ts", import.meta.url));
const HUB = { name: "hub.test", mqttUrl: "mqtt://127.0.0.1:9", httpUrl: "http://127.0.0.1:9" };

function tell(what: string): (round: number, counts: Counts) => void {
  return (round, { acknowledged, changed, during, whileStarting }) => {
    if (round % 20 !== 19) return;
    console.log(
      `kills, ${what}: seed ${seed()}, ${round + 1} rounds, ${acknowledged} changes confirmed (${changed} changed something), ` +
        `${during} killed with changes under way, ${whileStarting} while starting; nothing lost`,
    );
  };
}

test("200 kills among changes lose nothing that was confirmed", async () => {
  await using folder = await makeTempFolder();
  const plan = { rounds: 200, seed: seed(), folder: folder.path, start: bookUnit(), onRound: tell("stores and brain") };
  expect((await killWhileChanging(plan)).during).toBeGreaterThan(60);
});

test("nor do 20 of the whole unit with its audio process", async () => {
  await using place = await makeTempFolder();
  const folder = join(place.path, "d");
  await mkdir(folder, { mode: 0o700 });
  const config = join(place.path, "unit.json");
  await writeFile(config, JSON.stringify({ data: folder, hub: HUB, audio: { io: { type: "room" } } }));
  const start: Start = () => ({ command: process.execPath, parameters: [MAIN, "--config", config] });
  const counts = await killWhileChanging({ rounds: 20, seed: seed(), folder, start, onRound: tell("whole unit") });
  expect(counts.during).toBeGreaterThan(5);
});
