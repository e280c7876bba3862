import { OpusEncoder } from "#audio/engines/codec-opusenc.ts";

/** Something like a voice: a gliding tone that swells and fades. Mono, 16 kHz. */
export function madeVoice(lengthMs: number, amplitude = 9_000): Int16Array {
  return Int16Array.from({ length: lengthMs * 16 }, (_, index) => {
    return amplitude * Math.sin(index * 0.05 + 4 * Math.sin(index * 0.002)) * Math.sin(index * 0.001);
  });
}

/** A message's file of this sound, as a unit makes it. */
export function encodeSound(samples: Int16Array): Buffer {
  using encoder = new OpusEncoder();
  const bytes: Uint8Array[] = [];
  for (let at = 0; at < samples.length; at += 1_600) bytes.push(encoder.write(samples.subarray(at, at + 1_600)));
  return Buffer.concat([...bytes, encoder.finish()]);
}
