import { expect, test } from "vitest";
import { CHIRPS, chirpTrain, delaysOf, findChirps } from "#scripts/bench/call/chirp.ts";
import { seededRandom } from "#scripts/hear/random.ts";

/** As a call brings it: later, quieter, in noise. */
function heard(train: Int16Array, laterSamples: number, gain: number, noise: number): Int16Array {
  const random = seededRandom(1);
  return Int16Array.from(
    { length: train.length },
    (_, index) => (train[index - laterSamples] ?? 0) * gain + (random() - 0.5) * 2 * noise,
  );
}

const inMs = (samples: readonly number[]) => samples.map((at) => at / 16);

test("every chirp of a train is found to a tenth of a sample, however quiet, in noise", () => {
  const train = chirpTrain(CHIRPS);
  const sent = inMs(findChirps(train));
  expect(sent).toHaveLength(CHIRPS);
  const delays = delaysOf(sent, inMs(findChirps(heard(train, 641, 0.1, 60))));
  expect(delays).toHaveLength(CHIRPS);
  for (const delay of delays) expect(Math.abs(delay - 641 / 16)).toBeLessThan(0.1 / 16);
});

test("nothing is found where nothing was said, and what was not heard has no delay", () => {
  const train = chirpTrain(CHIRPS);
  expect(findChirps(heard(train, 0, 0, 3_000))).toEqual([]);
  expect(delaysOf([1_000, 2_000], [1_050])).toEqual([50]);
});
