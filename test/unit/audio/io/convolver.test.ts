import { expect, test } from "vitest";
import { Convolver, loadTransforms } from "#audio/io/convolver.ts";
import { xorshift } from "#audio/io/white-noise.ts";

const noise = (length: number, seed: number, peak = 1) => {
  const next = xorshift(seed);
  return Float64Array.from({ length }, () => next() * peak);
};

/** By the definition. */
function convolved(sound: Float64Array, response: Float64Array): Float64Array {
  return sound.map((_, at) => {
    let sum = 0;
    for (let back = 0; back < response.length && back <= at; back += 1)
      sum += (sound[at - back] ?? 0) * (response[back] ?? 0);
    return sum;
  });
}

function passed(convolver: Convolver, sound: Float64Array): Float64Array {
  const out = new Float64Array(sound.length);
  for (let at = 0; at < sound.length; at += 160)
    convolver.pass(sound.subarray(at, at + 160), out.subarray(at, at + 160));
  return out;
}

function largest(samples: Float64Array): number {
  return samples.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
}

test.each([1, 159, 160, 161, 1_000, 9_600])(
  "sound through a response of %d samples is what the definition says",
  async (length) => {
    const response = noise(length, 5).map((each, at) => each * 10 ** ((-3 * at) / length));
    using convolver = new Convolver(await loadTransforms(), response);
    // Sound, a silence longer than the response, and sound again: what is asleep must wake up whole.
    const sound = new Float64Array(160 * 150);
    sound.set(noise(160 * 20, 7, 20_000));
    sound.set(noise(160 * 20, 8, 20_000), 160 * 120);
    const expected = convolved(sound, response);
    const out = passed(convolver, sound);
    expect(largest(out.map((each, at) => each - (expected[at] ?? 0)))).toBeLessThan(largest(expected) * 1e-5);
  },
);

test("what is heard is added to what is there, and two convolvers do not hear each other", async () => {
  const transforms = await loadTransforms();
  using one = new Convolver(transforms, Float64Array.of(1));
  using other = new Convolver(transforms, Float64Array.of(0, 0.5));
  const sum = new Float64Array(160).fill(7);
  one.pass(new Float64Array(160).fill(100), sum);
  other.pass(new Float64Array(160).fill(10), sum);
  expect(sum[0]).toBeCloseTo(107, 3);
  expect(sum[1]).toBeCloseTo(112, 3);
});
