import { RATE_HZ } from "../frame.ts";

/** Between these the decay is a straight line in a real room: the early sound is above, the end of the response below. */
const FROM_DB = -5;
const TO_DB = -35;

/**
 * How long sound takes to decay by 60 dB, in ms, read off a response from `fromSample` on: the energy that is still to
 * come (M. R. Schroeder, "New method of measuring reverberation time", JASA 37, 1965), and the line through it from
 * -5 to -35 dB (ISO 3382's T30). NaN where it does not decay so far.
 */
export function reverberationMs(response: Float64Array, fromSample = 0): number {
  const left = new Float64Array(response.length);
  let energy = 0;
  for (let index = response.length - 1; index >= fromSample; index -= 1) {
    energy += (response[index] ?? 0) ** 2;
    left[index] = energy;
  }
  // Least squares of level over time.
  let [count, times, levels, squares, products] = [0, 0, 0, 0, 0];
  for (let index = fromSample; index < response.length; index += 1) {
    const db = 10 * Math.log10((left[index] ?? 0) / energy);
    if (db > FROM_DB) continue;
    if (db < TO_DB) break;
    const ms = (index * 1_000) / RATE_HZ;
    count += 1;
    times += ms;
    levels += db;
    squares += ms * ms;
    products += ms * db;
  }
  return (-60 * (count * squares - times * times)) / (count * products - times * levels);
}
