import { RATE_HZ } from "#audio/frame.ts";
import { saturate } from "#audio/level.ts";
import { loudestFrameEnergy } from "../../hear/noise.ts";
import { type SpeakingVoice, speak } from "../../hear/speak.ts";
import type { Spoken } from "./session.ts";

const TALKERS: readonly SpeakingVoice[] = [
  { by: "flite", name: "slt" },
  { by: "flite", name: "rms" },
  { by: "flite", name: "awb" },
  { by: "flite", name: "kal16" },
  { by: "espeak", name: "en-us" },
  { by: "espeak", name: "en-us+f2" },
  { by: "espeak", name: "en-gb" },
];
const COMMANDS = [
  "hang up",
  "call Ben",
  "end the call",
  "call Ana",
  "block that caller",
  "answer the phone",
  "hang up the phone",
];
/** Whoever waits for the chirp, and whoever does not. */
const PAUSES_MS = [700, 150, 0];

/** What the far end tells: long, lively, without the wake word. */
const STORY = [
  "So I said to her, if the train is late again we shall simply take the bus, and she laughed at me.",
  "The garden has been wonderful this year, there were more tomatoes than we could possibly eat.",
  "Your cousin has moved into a flat near the harbour, with a view of the boats and far too many stairs.",
  "I went to the doctor on Tuesday and he told me that everything was fine, thank goodness for that.",
  "Do you remember the man who used to sell newspapers at the corner? He has opened a restaurant.",
  "We are thinking about going to the mountains in the spring, when the snow has gone and the roads are open.",
  "And then the neighbour called the fire brigade, because of the smoke, but it was only the toast.",
  "It has been raining since Thursday, the river is high and the children cannot play outside.",
];
const TELLERS: readonly SpeakingVoice[] = [
  { by: "flite", name: "rms" },
  { by: "flite", name: "slt" },
  { by: "espeak", name: "en-us" },
  { by: "flite", name: "awb" },
];

/** Every voice says every command, one in three ways. */
export async function speakCommands(levelDb: number): Promise<Spoken[]> {
  const spoken: Spoken[] = [];
  for (const [row, talker] of TALKERS.entries()) {
    for (const [column, text] of COMMANDS.entries()) {
      const pauseMs = PAUSES_MS[(row + column) % PAUSES_MS.length] ?? 0;
      const parts =
        pauseMs === 0
          ? [await speak(talker, `computer ${text}`)]
          : [await speak(talker, "computer"), new Int16Array((pauseMs * RATE_HZ) / 1_000), await speak(talker, text)];
      const sound = levelled(joined(parts), levelDb);
      spoken.push({ voice: `${talker.by} ${talker.name}`, text: text.toLowerCase(), sound });
    }
  }
  return spoken;
}

/** The far end without end, each teller as loud as the others. */
export async function speakStory(levelDb: number): Promise<Int16Array> {
  const parts: Int16Array[] = [];
  for (const [row, sentence] of STORY.entries()) {
    const teller = TELLERS[row % TELLERS.length];
    if (teller !== undefined) parts.push(levelled(await speak(teller, sentence), levelDb));
  }
  return joined(parts);
}

/**
 * The far end says what would command the unit, as loudly as it can: "computer, hang up", a pause, and on. `whistled`:
 * before each there are three seconds of one pitch, from which a filter learns that pitch and nothing else of the room.
 */
export async function speakOrders(levelDb: number, { whistled }: { whistled: boolean }): Promise<Int16Array> {
  const pause = new Int16Array(2 * RATE_HZ);
  const before = whistled ? levelled(whistle(), levelDb) : new Int16Array(0);
  const parts: Int16Array[] = [];
  for (const teller of TELLERS)
    for (const text of ["computer, hang up", "computer, call Ben"])
      parts.push(before, levelled(await speak(teller, text), levelDb), pause);
  return joined(parts);
}

const WHISTLE = { hz: 3_000, s: 3 };

function whistle(): Int16Array {
  const radians = (2 * Math.PI * WHISTLE.hz) / RATE_HZ;
  return Int16Array.from({ length: WHISTLE.s * RATE_HZ }, (_, at) => 16_000 * Math.sin(radians * at));
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** With its loudest 2,048 samples at this energy, in dB. */
function levelled(sound: Int16Array, levelDb: number): Int16Array {
  const gain = Math.sqrt(10 ** (levelDb / 10) / loudestFrameEnergy(sound));
  return sound.map((sample) => saturate(sample * gain));
}
