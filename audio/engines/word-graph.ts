import { AudioError } from "../audio-error.ts";

/** One word between two places of a grammar; null: nothing is said between them. */
export type WordArc = Readonly<{ from: number; to: number; word: string | null }>;
/** All that a grammar lets be said: every way from `start` to `end`. */
export type WordGraph = Readonly<{ places: number; start: number; end: number; arcs: readonly WordArc[] }>;

/** A finite-state grammar as sphinxbase writes it (fsg_model.c); an AudioError `engine-failed` for anything else. */
export function readWordGraph(fsg: string): WordGraph {
  const heads = new Map<string, number>();
  const arcs: WordArc[] = [];
  for (const line of fsg.split("\n")) {
    const [key = "", first, second, , word] = line.split(" ");
    if (key === "TRANSITION") arcs.push({ from: Number(first), to: Number(second), word: word || null });
    else heads.set(key, Number(first));
  }
  const [places = 0, start = -1, end = -1] = ["NUM_STATES", "START_STATE", "FINAL_STATE"].map((key) => heads.get(key));
  const isPlace = (place: number): boolean => Number.isInteger(place) && place >= 0 && place < places;
  if (![start, end, ...arcs.flatMap(({ from, to }) => [from, to])].every(isPlace)) {
    throw new AudioError("engine-failed", "sphinxbase wrote a grammar that cannot be read");
  }
  return { places, start, end, arcs };
}
