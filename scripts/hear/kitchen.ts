import { RATE_HZ } from "#audio/frame.ts";
import { clip } from "./noise.ts";
import { seededRandom } from "./random.ts";

/** A refrigerator: the mains and what its compressor makes of it, each with its strength. */
const HUM: readonly (readonly [hz: number, strength: number])[] = [
  [50, 500],
  [100, 900],
  [150, 250],
  [200, 350],
  [300, 120],
];
/** Water that runs, as loud as the hum: noise without its lowest and highest parts. */
const WATER_STRENGTH = 2_600;
/** Plates and cutlery: so many clatters a second, of so many knocks each. */
const CLATTERS_A_SECOND = 0.8;
const MOST_KNOCKS = 6;
const KNOCK_GAP_S = 0.14;
/** A knock rings at a few frequencies for some hundredths of a second (porcelain, steel). */
const RINGS = 4;
const RING_HZ = { least: 900, most: 6_500 };
const RING_FADE_S = { least: 0.008, most: 0.06 };
const KNOCK_PEAK = { least: 2_000, most: 14_000 };

/** The noise of a kitchen, made up: hum, running water, clatter. Mono, 16 kHz, 16 bit; the same for the same seed. */
export function makeKitchen(seconds: number, seed: number): Int16Array {
  const random = seededRandom(seed);
  const sound = new Float64Array(Math.round(seconds * RATE_HZ));
  addHum(sound);
  addWater(sound, random);
  for (let s = expWait(random); s < seconds; s += expWait(random)) {
    const knocks = 1 + Math.floor(random() * MOST_KNOCKS);
    for (let knock = 0, at = s; knock < knocks; knock += 1, at += random() * KNOCK_GAP_S) addKnock(sound, at, random);
  }
  return Int16Array.from(sound, clip);
}

/** To the next of events that come when they like. */
function expWait(random: () => number): number {
  return -Math.log(1 - random()) / CLATTERS_A_SECOND;
}

function addHum(sound: Float64Array): void {
  for (const [hz, strength] of HUM)
    for (let at = 0; at < sound.length; at += 1)
      sound[at] = (sound[at] ?? 0) + strength * Math.sin((2 * Math.PI * hz * at) / RATE_HZ);
}

function addWater(sound: Float64Array, random: () => number): void {
  let [low, slow] = [0, 0];
  for (let at = 0; at < sound.length; at += 1) {
    const white = random() * 2 - 1;
    // Two poles: below some 200 Hz and above some 3 kHz it fades.
    low += 0.7 * (white - low);
    slow += 0.08 * (low - slow);
    sound[at] = (sound[at] ?? 0) + WATER_STRENGTH * (low - slow);
  }
}

function addKnock(sound: Float64Array, atSeconds: number, random: () => number): void {
  const between = ({ least, most }: Readonly<{ least: number; most: number }>) => least * (most / least) ** random();
  const start = Math.floor(atSeconds * RATE_HZ);
  const peak = between(KNOCK_PEAK);
  for (let ring = 0; ring < RINGS; ring += 1) {
    const [hz, fadeS, strength] = [between(RING_HZ), between(RING_FADE_S), (peak * random()) / 2];
    const until = Math.min(sound.length, start + Math.ceil(6 * fadeS * RATE_HZ));
    for (let at = start; at < until; at += 1) {
      const t = (at - start) / RATE_HZ;
      sound[at] = (sound[at] ?? 0) + strength * Math.exp(-t / fadeS) * Math.sin(2 * Math.PI * hz * t);
    }
  }
}
