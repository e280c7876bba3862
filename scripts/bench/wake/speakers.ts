import { Fourier } from "#audio/fourier.ts";

const FRAME = 512;
const HOP = 400;
/** Of a recording's frames the quietest are its noise. */
const QUIET_SHARE = 0.3;
/** Bins of 31 Hz, from where hum ends to where telephones do, and how many of them make a band. */
const BINS = { from: 4, until: 250, band: 6 } as const;
/** Two recordings whose noise differs by less, in bels a band, were made by one microphone in one place. */
const SAME = 0.1;

/**
 * Which recordings one person made, by their place and microphone: the level of the noise in each band. Nobody wrote
 * down who it was. Groups of up to `most`: what is larger is of recordings that were made silent between words.
 */
export function groupBySpeaker(recordings: readonly Int16Array[], least: number, most: number): number[][] {
  const prints = recordings.map(noisePrint);
  const groupOf = prints.map((_, at) => at);
  const rootOf = (at: number): number => (groupOf[at] === at ? at : rootOf(groupOf[at] ?? at));
  for (const [at, print] of prints.entries())
    for (let before = 0; before < at; before += 1)
      if (distance(print, prints[before] ?? print) < SAME) groupOf[rootOf(at)] = rootOf(before);
  const groups = Map.groupBy(prints.keys(), rootOf);
  return [...groups.values()].filter(({ length }) => length >= least && length <= most);
}

function noisePrint(samples: Int16Array): Float64Array {
  const fourier = new Fourier(FRAME);
  const spectra: Float64Array[] = [];
  for (let start = 0; start + HOP <= samples.length; start += HOP) {
    const [re, im] = [new Float64Array(FRAME), new Float64Array(FRAME)];
    for (let i = 0; i < HOP; i += 1)
      re[i] = (samples[start + i] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (HOP - 1)));
    fourier.transform(re, im);
    spectra.push(re.map((real, bin) => real ** 2 + (im[bin] ?? 0) ** 2 + 1).subarray(0, FRAME / 2));
  }
  const energies = spectra.map((spectrum) => spectrum.reduce((sum, power) => sum + power, 0));
  const limit = energies.toSorted((one, other) => one - other)[Math.floor(QUIET_SHARE * energies.length)] ?? 0;
  const quiet = spectra.filter((_, at) => (energies[at] ?? 0) <= limit);
  return Float64Array.from({ length: (BINS.until - BINS.from) / BINS.band }, (_, band) => {
    let sum = 0;
    for (const spectrum of quiet)
      for (let i = 0; i < BINS.band; i += 1) sum += spectrum[BINS.from + band * BINS.band + i] ?? 0;
    return Math.log10(sum / (quiet.length * BINS.band));
  });
}

/** Root of the mean square. */
function distance(one: Float64Array, other: Float64Array): number {
  return Math.sqrt(one.reduce((sum, level, band) => sum + (level - (other[band] ?? 0)) ** 2, 0) / one.length);
}
