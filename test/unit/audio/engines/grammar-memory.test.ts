import { expect, test } from "vitest";
import { Decoder, type PocketSphinx } from "#audio/engines/pocketsphinx.ts";
import { keepPointers } from "#test/house/kept-pointers.ts";

/** A library whose pointers are numbers: what it made and nobody freed is told by `kept`. */
function makeLibrary(broken: { publicRule?: null; buildFsg?: null; setFsg?: -1 } = {}) {
  const { kept, makes, frees } = keepPointers();
  const library = {
    options: () => "options",
    parse: makes("config"),
    freeConfig: frees,
    init: () => "decoder",
    free: () => 0,
    parseJsgf: makes("grammar"),
    freeJsgf: frees,
    publicRule: () => (broken.publicRule === null ? null : "rule"),
    buildFsg: broken.buildFsg === null ? () => null : makes("fsg"),
    freeFsg: frees,
    logarithms: () => "logarithms",
    setFsg: () => broken.setFsg ?? 0,
    setSearch: () => 0,
    unsetSearch: () => 0,
  };
  return { kept, library: library as unknown as PocketSphinx };
}

const MODEL = { acoustic: "", dictionary: "", phones: "" };

test.each([
  ["that is taken", {}, true],
  ["without a public rule", { publicRule: null }, false],
  ["that makes no graph", { buildFsg: null }, false],
  ["that the decoder refuses", { setFsg: -1 }, false],
] as const)("a grammar %s leaves nothing behind in the library", (_, broken, taken) => {
  const { kept, library } = makeLibrary(broken);
  using decoder = new Decoder(library, MODEL);
  expect(decoder.useGrammar("#JSGF V1.0;")).toBe(taken);
  expect([...kept]).toEqual([]);
});
