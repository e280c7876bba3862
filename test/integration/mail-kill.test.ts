import { expect, test } from "vitest";
import { killAlong } from "#test/kill/mail.ts";

const SEED = Number(process.env.PORTER_SEED ?? 1);

test("killed at any moment, sender, hub and receiver bring each message exactly once", async () => {
  const { added, arrived, wrong, kills } = await killAlong({ kills: 12, seed: SEED });
  process.stdout.write(`${added.length} messages, kills: ${JSON.stringify(kills)}\n`);
  expect(added.filter((number) => !arrived.has(number))).toEqual([]);
  expect([...arrived].filter(([, times]) => times !== 1)).toEqual([]);
  expect(wrong).toBe(0);
  expect(added.length).toBeGreaterThan(30);
}, 300_000);
