import { describe, expect, test } from "vitest";
import { CONFIDENCE } from "#device/voice/confidence.ts";
import { parse } from "#device/voice/intent.ts";
import { resolve } from "#device/voice/resolve.ts";
import type { Words } from "#scripts/bench/commands/ears.ts";
import { isObeyed, outcomeOf } from "#scripts/bench/commands/outcome.ts";
import { readPeople } from "#scripts/bench/commands/people.ts";
import { sceneFor, stillScene } from "#scripts/bench/commands/scene.ts";
import { makeSentences, type Sentence } from "#scripts/bench/commands/sentences.ts";
import { seededRandom } from "#scripts/hear/random.ts";

/** Understood, but read back. */
const UNSURE = CONFIDENCE.accept;

const book = readPeople();
const sentences = makeSentences(book, seededRandom(1));

describe("the sentences of the bench", () => {
  test("are several hundred, no two alike, and each is what it is meant to be", () => {
    expect(sentences.length).toBeGreaterThan(300);
    expect(new Set(sentences.map(({ text }) => text)).size).toBe(sentences.length);
    for (const { text, intent } of sentences) expect(parse(text)?.type, text).toBe(intent);
  });

  test("name everybody in a book of two hundred, and nobody else", () => {
    expect(book.people).toHaveLength(200);
    expect(new Set(sentences.flatMap(({ person }) => person?.id ?? []))).toEqual(
      new Set(book.people.map(({ id }) => id)),
    );
    for (const { text, person } of sentences) {
      const intent = parse(text);
      if (person === null || intent === null || !("name" in intent)) continue;
      const meant = resolve(intent.name, book);
      const people = meant.found === "one" ? [meant.person] : meant.found === "several" ? meant.people : [];
      expect(people, text).toContain(person);
    }
  });

  test("are each something that a unit does something about in its scene, and nothing where it hardly heard it", () => {
    for (const sentence of sentences) {
      const scene = sceneFor(sentence.intent, book);
      expect(outcomeOf(sentence, words(sentence.text), scene), sentence.text).toBe("right");
      expect(outcomeOf(sentence, { ...words(sentence.text), score: -50 }, scene), sentence.text).toBe("rejected");
    }
  });
});

describe("what comes of a sentence", () => {
  const call = sentenceOf("call");
  const others = book.people.filter(({ id }) => id !== call.person?.id);
  const other = others.find(({ name }) => !name.startsWith(call.person?.name.slice(0, 2) ?? ""))?.name ?? "";
  const scene = stillScene(book);

  test.each<[string, Partial<Words>, string]>([
    ["heard as something else than a sentence", { text: "colourless green ideas" }, "rejected"],
    ["heard as nothing", { text: null }, "rejected"],
    ["hardly heard", { score: -50 }, "rejected"],
    ["heard, but not for sure", { score: UNSURE }, "asked"],
    ["with somebody else in it", { text: `call ${other}` }, "wrong-call"],
    ["as a message to somebody else", { text: `message ${other}` }, "wrong-call"],
    ["as a block of somebody else", { text: `block ${other}` }, "wrong-person"],
    ["with somebody else in it, not for sure", { text: `call ${other}`, score: UNSURE }, "elsewhere"],
    ["as another order", { text: "turn calling off" }, "other"],
    ["as another order that only tells something", { text: "what can i say" }, "other"],
  ])("%s", (_how, heard, outcome) => {
    expect(outcomeOf(call, { ...words(call.text), ...heard }, scene)).toBe(outcome);
  });

  test.each(["reply", "redial", "call-back"] as const)(
    "%s that was not surely heard is asked about rightly",
    (intent) => {
      const sentence = sentenceOf(intent);
      expect(outcomeOf(sentence, { ...words(sentence.text), score: UNSURE }, sceneFor(intent, book))).toBe("asked");
    },
  );

  test("is nothing where a question is only asked once more", () => {
    const no = sentenceOf("no");
    expect(outcomeOf(no, { ...words(no.text), score: -50 }, sceneFor("no", book))).toBe("rejected");
  });

  test("is a wrong person, too, where it should have been none", () => {
    const plain = sentenceOf("help");
    expect(outcomeOf(plain, words(`call ${other}`), scene)).toBe("wrong-call");
  });
});

test("other speech is obeyed where anything at all comes of it", () => {
  const scene = stillScene(book);
  expect(isObeyed(words("help me"), scene)).toBe(true);
  expect(isObeyed(words("what can i say"), scene)).toBe(true);
  expect(isObeyed({ ...words("call Aarav Mehta"), score: UNSURE }, scene)).toBe(true);
  expect(isObeyed(words("next"), scene)).toBe(false);
  expect(isObeyed(words("the weather is fine"), scene)).toBe(false);
  expect(isObeyed({ ...words("help me"), score: -50 }, scene)).toBe(false);
});

function words(text: string): Words {
  return { text, score: 0, alike: [], nameMargin: null };
}

function sentenceOf(intent: Sentence["intent"]): Sentence {
  const found = sentences.find((sentence) => sentence.intent === intent);
  if (found === undefined) throw new Error(`nobody says "${intent}"`);
  return found;
}
