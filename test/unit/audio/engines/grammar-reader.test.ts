import { expect, test } from "vitest";
import { loadSphinxBase, type SphinxBase, wordGraphOf } from "#audio/engines/grammar-reader.ts";
import { keepPointers } from "#test/house/kept-pointers.ts";

const GRAMMAR = "#JSGF V1.0;\ngrammar g;\npublic <command> = call ( ben | ana ) [ please ];\n";

/** A library whose pointers are names: what it made and nobody freed is told by `kept`. */
function makeLibrary(broken: Readonly<{ publicRule?: null; buildFsg?: null }>) {
  const { kept, makes, frees } = keepPointers();
  const library = {
    logarithms: makes("logarithms"),
    freeLogarithms: frees,
    parseJsgf: makes("grammar"),
    freeJsgf: frees,
    publicRule: () => (broken.publicRule === null ? null : "rule"),
    buildFsg: () => null,
  };
  return { kept, library: library as unknown as SphinxBase };
}

test.each([
  ["without a public rule", { publicRule: null }],
  ["that makes no graph", { buildFsg: null }],
] as const)("a grammar %s is none, and leaves nothing behind in the library", (_, broken) => {
  const { kept, library } = makeLibrary(broken);
  expect(wordGraphOf(GRAMMAR, library)).toBeNull();
  expect([...kept]).toEqual([]);
});

test("a grammar becomes the words that may follow each other, and what is none becomes nothing", () => {
  const sphinx = loadSphinxBase();
  const words = wordGraphOf(GRAMMAR, sphinx)?.arcs.flatMap(({ word }) => word ?? []);
  expect(words?.toSorted()).toEqual(["ana", "ben", "call", "please"]);
  expect(wordGraphOf("#JSGF V1.0;\ngrammar g;\npublic <command> = ;\n", sphinx)).toBeNull();
});
