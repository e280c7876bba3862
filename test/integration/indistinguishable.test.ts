import { expect, test } from "vitest";
import { SITUATIONS } from "#scripts/bench/indistinguishable/situations.ts";
import { Stage } from "#scripts/bench/indistinguishable/stage.ts";
import { judge, type Verdict } from "#scripts/bench/indistinguishable/verdict.ts";
import { seededRandom } from "#scripts/hear/random.ts";

const TRIALS = 50;
const LANES = 5;
const RING_BACK_MS = 500;

/** Calls to a unit that blocks, drops, is quiet, is ignored, rings unheard, is unplugged: what the caller makes of them. */
async function compare(leak: "delay" | "packet" | null, count = TRIALS): Promise<Verdict> {
  const random = seededRandom(Date.now());
  await using stage = await Stage.build({ lanes: LANES, ringBackMs: RING_BACK_MS, leak, random });
  const trials = await stage.play(count);
  for (const situation of SITUATIONS) expect(trials[situation]).toHaveLength(count);
  return judge(trials);
}

test("a caller sees the same bytes at the same times, whatever keeps her call from being answered", async () => {
  const verdict = await compare(null);
  expect(verdict.because).toBe("alike in bytes and times");
  expect(verdict.shapes).toHaveLength(1);
});

test("control: a hub that answers 20 ms later where the callee's unit is connected is found out", async () => {
  const { same, because, pairs, threshold } = await compare("delay");
  expect(same).toBe(false);
  expect(because).toContain("unplugged");
  const told = pairs.filter(({ p }) => p <= threshold);
  expect(told.every(({ one, other }) => one === "unplugged" || other === "unplugged")).toBe(true);
});

test("control: a hub that says one packet more where the callee's unit is connected is found out", async () => {
  const { same, because, shapes } = await compare("packet", 2 * LANES); // one packet is enough
  expect(same).toBe(false);
  expect(because).toContain("the packets differ");
  expect(shapes).toHaveLength(2);
});
