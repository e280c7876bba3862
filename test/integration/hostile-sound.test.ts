import { expect, test } from "vitest";
import { OpusDecoder } from "#audio/engines/codec-opusfile.ts";
import { Playing } from "#audio/engines/codec-playing.ts";
import { peakOf } from "#audio/level.ts";
import { checkSound } from "#audio/ogg.ts";
import { playHostileFiles } from "../house/hostile-sound-run.ts";
import { opusFile, readPages, writePages } from "../house/ogg-file.ts";
import { encodeSound, madeVoice } from "../house/opus-sound.ts";

/** -6 dBFS, rounded up. */
const LOUDEST_PEAK = 16_423;

test("of 2,000 files that were tampered with none kills the decoder, none plays longer or louder than a message may", async () => {
  const run = await playHostileFiles(2_000, true);
  expect(run.deaths).toEqual([]);
  expect(run.tooLong).toBe(0);
  expect(run.loudestPeak).toBeLessThanOrEqual(LOUDEST_PEAK);
  // So that this says something: many were stopped, and many reached the decoder.
  expect(run.refused).toBeGreaterThan(500);
  expect(run.played).toBeGreaterThan(500);
});

test("without the check such files do play longer and louder: it is the check that stops them", async () => {
  const run = await playHostileFiles(400, false);
  expect(run.tooLong).toBeGreaterThan(0);
  expect(run.loudestPeak).toBeGreaterThan(LOUDEST_PEAK);
});

/** All that the decoder gives when it is asked without the check. */
function decodeUnchecked(file: Uint8Array): { ms: number; peak: number } {
  using decoder = new OpusDecoder(file);
  let [samples, peak] = [0, 0];
  for (let piece = decoder.read(); piece !== null; piece = decoder.read()) {
    samples += piece.length;
    peak = Math.max(peak, peakOf(piece));
  }
  return { ms: samples / 16, peak };
}

test("what the decoder would play and the check refuses: a chain of files, a longer file than was signed, and minutes in a few kB", () => {
  const whole = encodeSound(madeVoice(1_000));
  const chained = Buffer.concat(
    [1, 2, 3, 4].map((serial) => writePages(readPages(whole).map((page) => ({ ...page, serial })))),
  );
  expect(Math.round(decodeUnchecked(chained).ms / 100)).toBe(40);
  expect(checkSound(chained, 1_000)).toEqual({ ok: false, fault: "not-one-stream" });
  expect(() => new Playing(chained, 1_000)).toThrow("not-one-stream");

  const long = encodeSound(madeVoice(3_000));
  expect(Math.round(decodeUnchecked(long).ms)).toBe(3_000);
  expect(() => new Playing(long, 1_000)).toThrow("other-duration");

  // Six lost frames of 20 ms in two bytes: five minutes in 5 kB.
  const packets = Array.from({ length: 2_500 }, () => Buffer.of(0x4b, 6));
  const endless = opusFile({ packets, packetSamples: 5_760 });
  expect(endless.length).toBeLessThan(10_000);
  expect(decodeUnchecked(endless).ms).toBeGreaterThan(299_000);
  expect(() => new Playing(endless, 1_000)).toThrow("bad-time");
});

test("a gain that a file asks for is refused by the check, and would not count in the decoder either", () => {
  const whole = encodeSound(madeVoice(500, 500));
  const pages = readPages(whole);
  pages[0]?.body.set([0, 60], 16); // 60 dB
  const loud = writePages(pages);
  expect(checkSound(loud, 500)).toEqual({ ok: false, fault: "gain" });
  expect(decodeUnchecked(loud).peak).toBeLessThan(1_000);
});
