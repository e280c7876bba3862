/** Samples on each side of the centre. */
export const SINC_REACH = 16;
/** Places between two samples for which the filter is tabled; between two of them it is a straight line. */
const STEPS = 256;
const WIDTH = 2 * SINC_REACH;

/**
 * A filter that reads a signal between its samples: sinc under a Hann window, 32 taps (J. O. Smith, "Digital Audio
 * Resampling"). Right within 0.1 dB up to 7 kHz at 16 kHz; the table's straight lines err by less than -90 dB.
 */
const TABLE = makeTable();

/** Adds `gain` at `place` (a sample and a fraction of one) of `signal`, as far as it lies inside. */
export function addImpulse(signal: Float64Array, place: number, gain: number): void {
  const whole = Math.floor(place);
  const row = Math.round((place - whole) * STEPS) * WIDTH;
  const first = whole - SINC_REACH + 1;
  const from = Math.max(0, -first);
  const until = Math.min(WIDTH, signal.length - first);
  for (let tap = from; tap < until; tap += 1)
    signal[first + tap] = (signal[first + tap] ?? 0) + gain * (TABLE[row + tap] ?? 0);
}

/** Reads `ring` (endless, a power of two long) at `place`, a sample and a fraction of one. */
export function readBetween(ring: Float64Array, place: number): number {
  const whole = Math.floor(place);
  const step = (place - whole) * STEPS;
  const row = Math.floor(step) * WIDTH;
  const part = step - Math.floor(step);
  const first = whole - SINC_REACH + 1;
  let sum = 0;
  for (let tap = 0; tap < WIDTH; tap += 1) {
    const weight = TABLE[row + tap] ?? 0;
    const next = TABLE[row + WIDTH + tap] ?? 0;
    sum += (ring[(first + tap) & (ring.length - 1)] ?? 0) * (weight + part * (next - weight));
  }
  return sum;
}

/** One row for each place: the weight of the samples from `SINC_REACH - 1` before to `SINC_REACH` after. */
function makeTable(): Float64Array {
  const table = new Float64Array((STEPS + 1) * WIDTH);
  for (let step = 0; step <= STEPS; step += 1) {
    for (let tap = 0; tap < WIDTH; tap += 1) {
      const distance = tap - (SINC_REACH - 1) - step / STEPS;
      const window = Math.abs(distance) < SINC_REACH ? 0.5 + 0.5 * Math.cos((Math.PI * distance) / SINC_REACH) : 0;
      const angle = Math.PI * distance;
      table[step * WIDTH + tap] = window * (angle === 0 ? 1 : Math.sin(angle) / angle);
    }
  }
  return table;
}
