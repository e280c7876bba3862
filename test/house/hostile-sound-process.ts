import * as v from "valibot";
import { OpusDecoder } from "#audio/engines/codec-opusfile.ts";
import { Playing } from "#audio/engines/codec-playing.ts";
import { peakOf } from "#audio/level.ts";
import { hostileFile } from "./hostile-sound.ts";
import { encodeSound, madeVoice } from "./opus-sound.ts";

/** A process that may die of it: plays hostile files, as a unit does or without the check, and counts what came of them. */
const Job = v.strictObject({ firstSeed: v.number(), files: v.number(), checked: v.boolean() });

/** How files of 200 ms that were tampered with ended. */
export type HostileCounts = {
  /** Stopped before the decoder. */
  refused: number;
  /** The decoder had it, and gave it up. */
  failed: number;
  played: number;
  /** Of those played: longer than the file that was tampered with. */
  tooLong: number;
  longestMs: number;
  loudestPeak: number;
};

const DURATION_MS = 200;
const SLACK_MS = 50;

/** Samples of all that the decoder gives, the loudest of them, and whether it came to an end. */
function play(file: Buffer, checked: boolean): { samples: number; peak: number } {
  using playing = checked ? new Playing(file, DURATION_MS) : new OpusDecoder(file);
  let [samples, peak] = [0, 0];
  for (;;) {
    const piece = playing instanceof OpusDecoder ? playing.read() : playing.next()?.samples;
    if (!piece || samples > 16_000 * 600) return { samples, peak };
    samples += piece.length;
    peak = Math.max(peak, peakOf(piece));
  }
}

function playAll({ firstSeed, files, checked }: v.InferOutput<typeof Job>): HostileCounts {
  const counts: HostileCounts = { refused: 0, failed: 0, played: 0, tooLong: 0, longestMs: 0, loudestPeak: 0 };
  const whole = encodeSound(madeVoice(DURATION_MS));
  for (let seed = firstSeed; seed < firstSeed + files; seed += 1) {
    try {
      const { samples, peak } = play(hostileFile(whole, seed), checked);
      counts.played += 1;
      counts.longestMs = Math.max(counts.longestMs, samples / 16);
      if (samples / 16 > DURATION_MS + SLACK_MS) counts.tooLong += 1;
      counts.loudestPeak = Math.max(counts.loudestPeak, peak);
    } catch (cause) {
      const refused = cause instanceof Error && cause.message.startsWith("a message cannot be played");
      if (refused) counts.refused += 1;
      else counts.failed += 1;
    }
  }
  return counts;
}

process.send?.(playAll(v.parse(Job, JSON.parse(process.argv[2] ?? ""))), () => process.disconnect());
