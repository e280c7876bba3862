import { openNoiseSuppressor } from "#audio/engines/echo-choice.ts";
import type { NoiseSuppressor } from "#audio/engines.ts";
import { FRAME_SAMPLES, type Frame16k, RATE_HZ } from "#audio/frame.ts";
import { FULL_SCALE, levelDbfs, peakOf } from "#audio/level.ts";
import { PolishedUplink } from "#audio/uplink.ts";
import { makeKitchen } from "../../hear/kitchen.ts";
import { mixNoise } from "../../hear/noise.ts";
import type { Measured } from "../report.ts";
import { activeDbfs, keptDb } from "./measure.ts";
import { nearTalk } from "./talk.ts";

const SECONDS = 20;
/** By then noise and level are known. */
const SETTLED_S = 6;
const SNR_DB = 12;
const TALKERS_DBFS = [-42, -36, -30, -24, -18, -12, -6];
const ENGINES = ["webrtc", "speexdsp"] as const;
const DELAY_SAMPLES = { webrtc: 96, speexdsp: 160 } as const;
const SLT = { by: "flite", name: "slt" } as const;

/** What the far end hears: how even, how loud at most, how much of the kitchen. */
export async function measureUplink(): Promise<Measured[]> {
  return [...(await measureLevels()), ...(await measureNoise())];
}

async function measureLevels(): Promise<Measured[]> {
  const levels: number[] = [];
  let peak = 0;
  let frameUs = 0;
  for (const dbfs of TALKERS_DBFS) {
    using noise = openNoiseSuppressor("both");
    const uplink = new PolishedUplink(suppressor(noise));
    const before = process.cpuUsage();
    const out = passed(await nearTalk(SLT, 0, SECONDS, dbfs), (frame) => frame.set(uplink.polish(frame)));
    const { user, system } = process.cpuUsage(before);
    frameUs = Math.max(frameUs, ((user + system) * FRAME_SAMPLES) / out.length);
    levels.push(activeDbfs(out.subarray(SETTLED_S * RATE_HZ)));
    peak = Math.max(peak, peakOf(out));
  }
  const span = `talkers from ${Math.min(...TALKERS_DBFS)} to ${Math.max(...TALKERS_DBFS)} dBFS`;
  return [
    {
      what: `${span}: they differ in the end by`,
      value: Math.max(...levels) - Math.min(...levels),
      unit: "dB",
      budget: 4,
      proposed: true,
    },
    {
      what: `${span}: full scale is above their loudest sample by`,
      value: -20 * Math.log10(peak / FULL_SCALE),
      unit: "dB",
      budget: 0.9,
      atLeast: true,
      proposed: true,
    },
    {
      what: "noise suppression and level: processor time a frame",
      value: frameUs,
      unit: "µs",
      budget: 500,
      proposed: true,
    },
  ];
}

/** The first seconds hold the kitchen alone. */
async function measureNoise(): Promise<Measured[]> {
  const voice = await nearTalk(SLT, SETTLED_S, SECONDS, -24);
  const mixed = mixNoise(voice, makeKitchen(SECONDS, 1), SNR_DB, 0);
  const alone = mixed.subarray(3 * RATE_HZ, (SETTLED_S - 1) * RATE_HZ);
  const measured: Measured[] = [];
  for (const engine of ENGINES) {
    using noise = openNoiseSuppressor(engine);
    const used = suppressor(noise);
    const out = passed(mixed, (frame) => used.quieten(frame));
    const outAlone = out.subarray(3 * RATE_HZ, (SETTLED_S - 1) * RATE_HZ);
    const kept = keptDb(voice, out, DELAY_SAMPLES[engine], { fromS: SETTLED_S, untilS: SECONDS - 1 });
    const gained = levelDbfs(alone) - levelDbfs(outAlone) + kept;
    const label = `kitchen at ${SNR_DB} dB, ${engine}`;
    measured.push(
      {
        what: `${label}: signal to noise is better by`,
        value: gained,
        unit: "dB",
        budget: 6,
        atLeast: true,
        proposed: true,
      },
      { what: `${label}: kept of the voice`, value: kept, unit: "dB", budget: -3, atLeast: true, proposed: true },
    );
  }
  return measured;
}

function passed(sound: Int16Array, through: (frame: Frame16k) => void): Int16Array {
  const out = sound.slice();
  for (let at = 0; at + FRAME_SAMPLES <= out.length; at += FRAME_SAMPLES) through(out.subarray(at, at + FRAME_SAMPLES));
  return out;
}

function suppressor(noise: NoiseSuppressor | null): NoiseSuppressor {
  if (noise === null) throw new Error("there is no noise suppression to measure");
  return noise;
}
