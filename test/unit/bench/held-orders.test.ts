import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { wavHeader } from "#audio/wav.ts";
import { heldFrom } from "#scripts/bench/commands/held.ts";
import { Orders } from "#scripts/bench/commands/orders.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const NAMES = Array.from({ length: 17 }, (_, at) => `${String(at).padStart(2, "0")}.wav`);
/** It has no words of its own. */
const UNWRITTEN = "16.wav";

test("what was not learned from is every other eighth by background, what nobody wrote down, and the later noise", async () => {
  await using folder = await makeTempFolder();
  // Loud speech everywhere: the still part tells them apart, the later ones being stiller.
  for (const [at, name] of NAMES.entries()) await writeFile(path.join(folder.path, name), wav(20 - at));
  await writeOrders(folder.path);
  const wanted = NAMES.filter((name) => name !== UNWRITTEN);
  await writeFile(
    path.join(folder.path, "transcripts.json"),
    JSON.stringify(Object.fromEntries(wanted.map((name) => [name, "a latte"]))),
  );
  const held = await heldFrom(await Orders.read(folder.path));
  expect(held.names).toEqual(["00", "01", "04", "05", "08", "09", "12", "13", "16"].map((name) => `${name}.wav`));
  expect([...held.noise]).toEqual([3, 4, 5]);
});

test("without the trainer's transcripts it says what is missing", async () => {
  await using folder = await makeTempFolder();
  await writeOrders(folder.path);
  await expect(heldFrom(await Orders.read(folder.path))).rejects.toThrow(/transcripts\.json.*--held/);
});

async function writeOrders(folder: string): Promise<void> {
  const labels = NAMES.map((name) => [name, { intent: "orderDrink", slots: {} }]);
  await writeFile(path.join(folder, "labels.json"), JSON.stringify(Object.fromEntries(labels)));
  await writeFile(path.join(folder, "grammar.jsgf"), "#JSGF V1.0;");
  await writeFile(path.join(folder, "noise-kitchen.flac"), sound(Int16Array.of(0, 1, 2, 3, 4, 5)));
}

/** Half a second of still background, as much of speech. */
function wav(background: number): Buffer {
  return sound(Int16Array.from({ length: 16_000 }, (_, at) => (at < 8_000 ? background : 9_000) * (at % 2 ? 1 : -1)));
}

function sound(samples: Int16Array): Buffer {
  return Buffer.concat([wavHeader(samples.length), Buffer.from(samples.buffer)]);
}
