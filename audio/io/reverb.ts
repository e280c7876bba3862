import { RATE_HZ } from "../frame.ts";
import { gainOfDb } from "../level.ts";
import type { Reverb } from "../protocol.ts";
import { Convolver, loadTransforms } from "./convolver.ts";
import { makeShoebox, type Response, responseIn } from "./shoebox.ts";

/** The two ways through a room: loudspeaker to microphone, and people to microphone. */
export type Ways = Readonly<{ echo: Convolver; voice: Convolver }>;

/**
 * The ways through a reverberant room. The echo arrives with `echoDb` of the power that was played, its direct sound
 * after `echoDelayMs`; people are heard as loud as without walls, 1 ms later (both for sound of many frequencies). A
 * RangeError where there is no such room.
 */
export async function openReverb(reverb: Reverb, echoDb: number, echoDelayMs: number): Promise<Ways> {
  const { sizeM, loudspeakerM, microphoneM, talkerM } = reverb;
  const box = makeShoebox(sizeM, reverb.rt60Ms);
  const echo = responseIn(box, loudspeakerM, microphoneM);
  const voice = responseIn(box, talkerM, microphoneM);
  const transforms = await loadTransforms();
  return {
    echo: new Convolver(transforms, scaled(arriving(echo, echoDelayMs), echoDb)),
    voice: new Convolver(transforms, scaled(voice.samples, 0)),
  };
}

/** The response with its direct sound at `afterMs`; a filter has some 0.5 ms of it come before, which is cut short. */
function arriving({ samples, directAt }: Response, afterMs: number): Float64Array {
  const shift = Math.round((afterMs * RATE_HZ) / 1_000) - directAt;
  if (shift <= 0) return samples.subarray(Math.min(-shift, directAt - 1));
  const later = new Float64Array(shift + samples.length);
  later.set(samples, shift);
  return later;
}

/** As much power as `gainDb` makes of white noise. */
function scaled(samples: Float64Array, gainDb: number): Float64Array {
  const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
  const scale = gainOfDb(gainDb) / Math.sqrt(energy);
  return samples.map((sample) => sample * scale);
}
