import { RATE_HZ } from "#audio/frame.ts";
import { clip, loudestFrameEnergy } from "./noise.ts";
import { seededRandom } from "./random.ts";
import { type SpeakingVoice, speak } from "./speak.ts";

/** Who talks at the next table, and of what: nothing that a unit listens to. */
const GUESTS: readonly (readonly [voice: SpeakingVoice, text: string])[] = [
  [{ by: "flite", name: "slt" }, "and we had never seen so many boats in the harbour, not even in the summer holidays"],
  [{ by: "flite", name: "rms" }, "if you ask me they should have sold the house years ago, when the prices were good"],
  [{ by: "flite", name: "awb" }, "the soup was cold, the bread was old, and the waiter laughed when we told him so"],
  [{ by: "flite", name: "kal16" }, "there will be rain over the mountains, with a little sunshine later in the west"],
  [{ by: "espeak", name: "en-us" }, "my brother says that the new bridge shakes whenever a heavy lorry goes over it"],
  [
    { by: "espeak", name: "en-gb" },
    "she plays the violin in the evening, always the same song, always the same mistake",
  ],
  [{ by: "espeak", name: "en-us+f2" }, "put some more salt on the potatoes, and could somebody please pass the butter"],
  [
    { by: "espeak", name: "en-gb+f4" },
    "we shall meet at the station at seven, and whoever is late stays at home this time",
  ],
];
/** As loud as each is alone: the loudest 2,048 samples have this level. */
const GUEST_RMS = 1_500;

/** Eight people who all talk at once. Mono, 16 kHz, 16 bit; the same for the same seed. */
export async function makeBabble(seconds: number, seed: number): Promise<Int16Array> {
  const random = seededRandom(seed);
  const sum = new Float64Array(Math.round(seconds * RATE_HZ));
  for (const [voice, text] of GUESTS) {
    const said = await speak(voice, text);
    const gain = GUEST_RMS / Math.sqrt(loudestFrameEnergy(said) / 2_048);
    const start = Math.floor(random() * said.length);
    for (let at = 0; at < sum.length; at += 1)
      sum[at] = (sum[at] ?? 0) + gain * (said[(start + at) % said.length] ?? 0);
  }
  return Int16Array.from(sum, clip);
}
