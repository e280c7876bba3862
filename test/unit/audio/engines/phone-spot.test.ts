import fc from "fast-check";
import { expect, test } from "vitest";
import { PHONES } from "#audio/engines/phone-graph.ts";
import type { PhoneOdds } from "#audio/engines/phone-search.ts";
import { spot } from "#audio/engines/phone-spot.ts";

const WIDTH = PHONES.length + 1;
/** What the phone that sounds gets, and each other one. */
const [SURELY, HARDLY] = [Math.log(0.9), Math.log(0.1 / (WIDTH - 1))];
const MISSED = SURELY - HARDLY;

/** Frames in which one phone sounds each; "-" is none. */
function sounding(text: string): PhoneOdds {
  const frames = text.split(" ");
  const logOdds = new Float32Array(frames.length * WIDTH).fill(HARDLY);
  for (const [frame, phone] of frames.entries()) logOdds[frame * WIDTH + PHONES.indexOf(phone) + 1] = SURELY;
  return { logOdds, frames: frames.length, width: WIDTH };
}

test("a word is found where it was said, amid other speech and silence, and fits as well as anything", () => {
  const found = spot(sounding("S IY - - K K AO - L L B EH N"), ["K AO L"]);
  expect(found).toMatchObject({ lastFrame: 8 });
  expect(found?.firstFrame).toBeGreaterThanOrEqual(4);
  expect(found?.fit).toBeCloseTo(0);
});

test("of the ways to say it the one that fits best counts", () => {
  expect(spot(sounding("- AE N AH -"), ["AA N AH", "AE N AH"])?.fit).toBeCloseTo(0);
});

test("a word of which one phone was another fits worse by that phone's odds, shared among all", () => {
  expect(spot(sounding("- K AO N -"), ["K AO L"])?.fit).toBeCloseTo(-MISSED / 3, 4);
});

test("one phone twice is not two of a kind: there must be something between them", () => {
  expect(spot(sounding("IH D - D EY"), ["IH D D EY"])?.fit).toBeCloseTo(0);
  expect(spot(sounding("IH D D EY -"), ["IH D D EY"])?.fit).toBeLessThan(-MISSED / 4);
});

test("sound that is shorter than the word has it nowhere", () => {
  expect(spot(sounding("K AO"), ["K AO L"])?.fit ?? Number.NEGATIVE_INFINITY).toBe(Number.NEGATIVE_INFINITY);
  expect(spot({ logOdds: new Float32Array(0), frames: 0, width: WIDTH }, ["K AO L"])).toBeNull();
});

test("no word fits better than whatever fits best, and none ends before it begins", () => {
  const phone = fc.constantFrom("-", "K", "AO", "L", "IY");
  fc.assert(
    fc.property(fc.array(phone, { minLength: 3, maxLength: 12 }), (frames) => {
      const found = spot(sounding(frames.join(" ")), ["K AO L"]);
      expect(found?.fit).toBeLessThan(1e-4);
      expect((found?.lastFrame ?? 0) - (found?.firstFrame ?? 0)).toBeGreaterThanOrEqual(2);
      if (frames.join(" ").includes("K AO L")) expect(found?.fit).toBeCloseTo(0);
    }),
  );
});
