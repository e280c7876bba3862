import { expect, test } from "vitest";
import { Adaptation, STEPS } from "#audio/peer/adaptation.ts";

const GOOD = { lostShare: 0, roundTripMs: 30 };
const NARROW = { lostShare: 0.15, roundTripMs: 220 };

function hearing(adaptation: Adaptation, arrival: typeof GOOD, reports: number): number {
  let changes = 0;
  for (let report = 0; report < reports; report += 1) if (adaptation.hear(arrival)) changes += 1;
  return changes;
}

test("loss alone changes nothing: each packet brings the last one's sound again", () => {
  const adaptation = new Adaptation();
  expect(hearing(adaptation, { lostShare: 0.2, roundTripMs: 30 }, 100)).toBe(0);
  expect(adaptation.sending).toBe(STEPS[0]);
});

test("more loss than any path has is a link too narrow, even where nobody could measure how slow it is", () => {
  const adaptation = new Adaptation();
  expect(adaptation.hear({ lostShare: 0.45, roundTripMs: null })).toBe(true);
  expect(adaptation.sending).toBe(STEPS[2]);
});

test("a long way alone changes nothing", () => {
  const adaptation = new Adaptation();
  expect(hearing(adaptation, { lostShare: 0, roundTripMs: 600 }, 100)).toBe(0);
});

test("loss on a way that has become slow is a link too narrow: less is sent at each report, down to the least", () => {
  const adaptation = new Adaptation();
  adaptation.hear(GOOD);
  for (const step of STEPS.slice(1)) {
    expect(adaptation.hear(NARROW)).toBe(true);
    expect(adaptation.sending).toBe(step);
  }
  expect(hearing(adaptation, NARROW, 10)).toBe(0);
});

test("more is tried after a while, and each time that was too much, after twice as long", () => {
  const adaptation = new Adaptation();
  adaptation.hear(GOOD);
  adaptation.hear(NARROW);
  const waits: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    let waited = 1;
    while (!adaptation.hear(GOOD)) waited += 1;
    waits.push(waited);
    expect(adaptation.sending).toBe(STEPS[0]);
    adaptation.hear(NARROW);
  }
  expect(waits).toEqual([4, 8, 16, 32]);
});

test("each step asks less of the link than the one before", () => {
  const kbitPerS = STEPS.map(({ packetMs, twice, bitPerS }) => (bitPerS * (twice ? 2 : 1)) / 1_000 + 400 / packetMs);
  expect(kbitPerS).toEqual(kbitPerS.toSorted((one, other) => other - one));
});
