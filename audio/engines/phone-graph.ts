import type { Pronunciations } from "./pronunciation.ts";
import type { WordArc, WordGraph } from "./word-graph.ts";

/** The phones of the CMU dictionary, as the phone model numbers them; 0 is none (the "blank" of CTC). */
export const PHONES =
  "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split(" ");
const NUMBER_OF = new Map(PHONES.map((phone, at) => [phone, at + 1]));

/** A grammar with each word written out as its phones, each in a node; flat, as it is walked 50 times a second. */
export type PhoneGraph = Readonly<{
  /** Of each node: its phone. */
  phone: Uint8Array;
  /** Of each node: the one behind it in the same word; -1 at the word's last. */
  next: Int32Array;
  /** Of each node: the arc that its word stands on. */
  arc: Int32Array;
  /** Of each place: the nodes that words begin with there, in `entries` from `entryStart[place]` to that of the next. */
  entries: Int32Array;
  entryStart: Int32Array;
  /** Of each place: may all be over here? */
  isEnd: Uint8Array;
  start: number;
  arcs: readonly WordArc[];
}>;

/** Words that `waysOf` lacks are never heard. */
export function phoneGraph(graph: WordGraph, waysOf: ReadonlyMap<string, Pronunciations>): PhoneGraph {
  const nodes: { phone: number; next: number; arc: number }[] = [];
  const firstsOf = graph.arcs.map(({ word }, arc) => {
    const ways = word === null ? [] : (waysOf.get(word) ?? []);
    return ways.map((way) => {
      const first = nodes.length;
      const phones = way.split(" ").map((phone) => NUMBER_OF.get(phone) ?? 0);
      for (const [at, phone] of phones.entries()) {
        nodes.push({ phone, next: at === phones.length - 1 ? -1 : nodes.length + 1, arc });
      }
      return first;
    });
  });
  const reach = silentReach(graph);
  const arcsFrom = Map.groupBy(graph.arcs.keys(), (arc) => graph.arcs[arc]?.from ?? -1);
  const entries = reach.map((places) =>
    places.flatMap((place) => (arcsFrom.get(place) ?? []).flatMap((arc) => firstsOf[arc] ?? [])),
  );
  const entryStart = new Int32Array(graph.places + 1);
  for (const [place, its] of entries.entries()) entryStart[place + 1] = (entryStart[place] ?? 0) + its.length;
  return {
    phone: Uint8Array.from(nodes, ({ phone }) => phone),
    next: Int32Array.from(nodes, ({ next }) => next),
    arc: Int32Array.from(nodes, ({ arc }) => arc),
    entries: Int32Array.from(entries.flat()),
    entryStart,
    isEnd: Uint8Array.from(reach, (places) => (places.includes(graph.end) ? 1 : 0)),
    start: graph.start,
    arcs: graph.arcs,
  };
}

/** For each place: itself and all that lie behind it with nothing said between. */
function silentReach(graph: WordGraph): number[][] {
  const silent = Map.groupBy(
    graph.arcs.filter(({ word }) => word === null),
    ({ from }) => from,
  );
  return Array.from({ length: graph.places }, (_, place) => {
    const found = new Set([place]);
    for (const at of found) for (const { to } of silent.get(at) ?? []) found.add(to);
    return [...found];
  });
}
