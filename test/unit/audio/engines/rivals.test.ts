import { describe, expect, test } from "vitest";
import { readGrammar } from "#audio/engines/jsgf.ts";
import type { Segment } from "#audio/engines/pocketsphinx.ts";
import { findRival, nameIn, othersThan } from "#audio/engines/rivals.ts";

const grammar = readGrammar(
  `#JSGF V1.0;
grammar porter;
public <all> = call <person> | give <person> a call | answer;
<person> = [ my ] ( ana {0} | ana lima {0} | mum {0} | ben {1,2} | ben low {1} | zoe {3} );
`,
);
const named = { before: "call", name: "ana", behind: "" };
const SOUND = new Int16Array(160);

describe("the grammar's tags", () => {
  test("tell whose a name is, and are no words", () => {
    expect(grammar.tagged.get("ana lima")).toEqual(new Set(["0"]));
    expect(grammar.tagged.get("ben")).toEqual(new Set(["1", "2"]));
    expect([...grammar.words].some((word) => /[{}\d]/.test(word))).toBe(false);
    expect(grammar.rules).not.toContain("{");
  });

  test("find the longest name in what was heard, and what stands around it", () => {
    expect(nameIn("give ana lima a call", grammar)).toEqual({ before: "give", name: "ana lima", behind: "a call" });
    expect(nameIn("call my ben", grammar)).toEqual({ before: "call my", name: "ben", behind: "" });
    expect(nameIn("answer", grammar)).toBeNull();
  });

  test("keep whoever may have been named from being their own rival, by whatever name", () => {
    expect(othersThan("ana", grammar, new Map())).toEqual(["ben", "ben low", "zoe"]);
    expect(othersThan("ben low", grammar, new Map())).toEqual(["ana", "ana lima", "mum", "zoe"]);
    expect(othersThan("ben", grammar, new Map())).not.toContain("ben low");
  });
});

test("of a great many others those that sound nearest are listened for", () => {
  const names = Array.from({ length: 1_000 }, (_, at) => `n${at}`);
  const tagged = new Map(["jon", ...names, "john"].map((name, at) => [name, new Set([String(at)])]));
  const waysOf = new Map([
    ["jon", ["JH AA N"]],
    ["john", ["JH AA N"]],
    ...names.map((name): [string, string[]] => [name, ["B IY"]]),
  ]);
  const others = othersThan("jon", { tagged }, waysOf);
  expect(others).toHaveLength(400);
  expect(others[0]).toBe("john");
});

describe("a rival", () => {
  test("is whoever fits next best, by the difference of two decodings of the same sound", () => {
    const decoder = new FakeDecoder({ "call ana": -20, "call zoe": -50, "call ben": -90 });
    expect(findRival(decoder, SOUND, named, ["ben", "zoe"])).toEqual({ name: "zoe", margin: 30 });
  });

  test("may fit better than the one who was heard", () => {
    const decoder = new FakeDecoder({ "call ana": -60, "call zoe": -50 });
    expect(findRival(decoder, SOUND, named, ["zoe"])).toEqual({ name: "zoe", margin: -10 });
  });

  test("counts as good as the one who was heard where that one does not fit any more", () => {
    expect(findRival(new FakeDecoder({ "call zoe": -50 }), SOUND, named, ["zoe"])).toEqual({ name: "zoe", margin: 0 });
  });

  test("there is none where there is nobody else", () => {
    const decoder = new FakeDecoder({ "call ana": -60 });
    expect(findRival(decoder, SOUND, named, [])).toBeNull();
  });

  test("is not known where nobody else fits at all: the sound is too short for such a sentence", () => {
    expect(findRival(new FakeDecoder({ "call ana": -60 }), SOUND, named, ["zoe"])).toBe("unconfirmed");
  });

  test("is looked for in the sentence that was heard, with the wake word before it or not", () => {
    const decoder = new FakeDecoder({});
    findRival(decoder, SOUND, { before: "give", name: "ana", behind: "a call" }, ["zoe"]);
    expect(decoder.grammars).toEqual([
      expect.stringContaining("give ( ana ) a call"),
      expect.stringContaining("give ( zoe ) a call"),
    ]);
    for (const text of decoder.grammars) expect(text).toContain("[ porter.wake ]");
  });
});

/** Hears whatever its grammar holds that is likeliest. */
class FakeDecoder {
  readonly grammars: string[] = [];
  readonly #likelihoods: Readonly<Record<string, number>>;
  #heard: string | null = null;

  constructor(likelihoods: Readonly<Record<string, number>>) {
    this.#likelihoods = likelihoods;
  }

  useOnce(jsgf: string): boolean {
    this.grammars.push(jsgf);
    return true;
  }

  hear(): void {
    const [, before = "", names = ""] = /= ([^=]*?) \( ([^)]*) \)\s*;/.exec(this.grammars.at(-1) ?? "") ?? [];
    const texts = names.split(" | ").map((name) => `${before} ${name}`);
    const fitting = texts.filter((text) => this.#likelihoods[text] !== undefined);
    this.#heard = fitting.toSorted((a, b) => (this.#likelihoods[b] ?? 0) - (this.#likelihoods[a] ?? 0))[0] ?? null;
  }

  text(): string | null {
    return this.#heard;
  }

  segments(): Segment[] {
    const logLikelihood = this.#likelihoods[this.#heard ?? ""] ?? 0;
    return [{ word: "all", firstFrame: 0, lastFrame: 9, logLikelihood }];
  }
}
