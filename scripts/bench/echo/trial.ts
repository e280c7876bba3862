import type { EchoCanceller } from "#audio/engines.ts";
import { FRAME_SAMPLES } from "#audio/frame.ts";
import { RoomSound, type RoomSoundOptions } from "#audio/io/room-sound.ts";

/** What is played, and what people say; of the same length. */
export type Scene = Readonly<{ room: RoomSoundOptions; played: Int16Array; voices: Int16Array }>;

/** What the microphone hears. Mono, 16 kHz. */
export async function hear({ room, played, voices }: Scene): Promise<Int16Array> {
  using sound = await RoomSound.open(room);
  const mic = new Int16Array(played.length);
  for (let at = 0; at + FRAME_SAMPLES <= played.length; at += FRAME_SAMPLES) {
    const until = at + FRAME_SAMPLES;
    sound.step(played.subarray(at, until), Float64Array.from(voices.subarray(at, until)), mic.subarray(at, until));
  }
  return mic;
}

/** What a canceller leaves of it, and the processor's time that it took for a frame. */
export function cancel(echo: EchoCanceller | null, mic: Int16Array, played: Int16Array) {
  const left = mic.slice();
  const before = process.cpuUsage();
  if (echo !== null)
    for (let at = 0; at + FRAME_SAMPLES <= mic.length; at += FRAME_SAMPLES)
      echo.clean(left.subarray(at, at + FRAME_SAMPLES), played.subarray(at, at + FRAME_SAMPLES));
  const { user, system } = process.cpuUsage(before);
  return { left, frameUs: ((user + system) * FRAME_SAMPLES) / mic.length };
}
