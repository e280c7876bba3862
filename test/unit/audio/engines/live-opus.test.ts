import { expect, test } from "vitest";
import { LiveDecoder, LiveEncoder, OPUS_FRAME_BYTES } from "#audio/engines/live-opus.ts";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import { levelDbfs } from "#audio/level.ts";
import { seededRandom } from "#scripts/hear/random.ts";

const frame = new Int16Array(FRAME_SAMPLES);
const packet = new Uint8Array(OPUS_FRAME_BYTES);

function fillTone(from: number): void {
  for (let index = 0; index < FRAME_SAMPLES; index += 1)
    frame[index] = 8_000 * Math.sin((2 * Math.PI * 500 * (from + index)) / RATE_HZ);
}

test("a tone comes out as loud as it went in, 2.5 ms later; a frame that is missing goes on from it", () => {
  using encoder = new LiveEncoder();
  using decoder = new LiveDecoder();
  const said = new Int16Array(50 * FRAME_SAMPLES);
  const heard = new Int16Array(50 * FRAME_SAMPLES);
  for (let at = 0; at < said.length; at += FRAME_SAMPLES) {
    fillTone(at);
    said.set(frame, at);
    expect(encoder.encode(frame, packet)).toBe(true);
    const out = heard.subarray(at, at + FRAME_SAMPLES);
    if (at === 40 * FRAME_SAMPLES) decoder.conceal(out);
    else decoder.decode(packet, out);
  }
  const late = 40;
  const noise = said.subarray(8_00, 4_000).map((sample, index) => sample - (heard[800 + index + late] ?? 0));
  expect(levelDbfs(noise)).toBeLessThan(levelDbfs(said) - 20);
  const madeUp = heard.subarray(40 * FRAME_SAMPLES, 41 * FRAME_SAMPLES);
  expect(Math.abs(levelDbfs(madeUp) - levelDbfs(said))).toBeLessThan(3);
});

test("speech, silence and noise take the same bytes: the size of a packet tells nothing", () => {
  using encoder = new LiveEncoder();
  const chance = seededRandom(1);
  for (const sound of [() => 0, () => (chance() - 0.5) * 60_000, () => (chance() - 0.5) * 20])
    for (let count = 0; count < 50; count += 1) {
      for (let index = 0; index < FRAME_SAMPLES; index += 1) frame[index] = sound();
      // What fits into less is refused: it would be another size.
      expect(encoder.encode(frame, packet)).toBe(true);
    }
});

test("whatever bytes a stranger sends, there are 10 ms of something, and nothing else", () => {
  using decoder = new LiveDecoder();
  const chance = seededRandom(2);
  const out = new Int16Array(FRAME_SAMPLES + 1).fill(77);
  for (let count = 0; count < 5_000; count += 1) {
    const length = count % 2 === 0 ? OPUS_FRAME_BYTES : Math.floor(chance() * 200);
    decoder.decode(
      Uint8Array.from({ length }, () => chance() * 256),
      out.subarray(0, FRAME_SAMPLES),
    );
    expect(out[FRAME_SAMPLES]).toBe(77);
  }
});

test("after its end an encoder and a decoder do nothing, and twice ended is ended", () => {
  const encoder = new LiveEncoder();
  const decoder = new LiveDecoder();
  for (const one of [encoder, decoder, encoder, decoder]) one[Symbol.dispose]();
  expect(encoder.encode(frame, packet)).toBe(false);
  frame.fill(5);
  decoder.decode(packet, frame);
  expect(levelDbfs(frame)).toBe(-120);
});
