import { expect, test } from "vitest";
import { killAlong } from "#test/kill/mail.ts";

const KILLS = 200;
const SEED = Number(process.env.PORTER_SEED ?? Date.now() % 1_000_000);

test("killed two hundred times, sender, hub and receiver bring each message exactly once", async () => {
  process.stdout.write(`seed ${SEED}\n`);
  const { added, arrived, wrong, kills } = await killAlong({ kills: KILLS, seed: SEED, patienceMs: 600_000 });
  process.stdout.write(`${added.length} messages, kills: ${JSON.stringify(kills)}\n`);
  expect(added.filter((number) => !arrived.has(number))).toEqual([]);
  expect([...arrived].filter(([, times]) => times !== 1)).toEqual([]);
  expect(wrong).toBe(0);
}, 3_600_000);

test("control: a unit that settles a parcel before it keeps it loses messages, and the test sees it", async () => {
  const { added, arrived } = await killAlong({ kills: 8, seed: SEED, broken: "settle-first", patienceMs: 5_000 });
  expect(added.filter((number) => !arrived.has(number)).length).toBeGreaterThan(0);
}, 300_000);
