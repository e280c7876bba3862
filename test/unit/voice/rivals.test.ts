import { describe, expect, test } from "vitest";
import type { Situation } from "#device/voice/states.ts";
import { bookOf, person, STILL } from "./books.ts";
import { heard, ordersIn, outputsOf, SURE, saidIn, UNSURE } from "./talking.ts";

const ana = person("ana", "Ana Lima", "mum");
const ben = person("ben", "Ben");
const smith = person("smith", "Sam Smith");
const jones = person("jones", "Sam Jones");
const blocked = person("blocked", "Mallory");
const book = bookOf([ana, ben, smith, jones, blocked], [{ person: "blocked" }]);
const now: Situation = { ...STILL, book };
const CLOSE = 10;
const FAR = 1_000;
const of = (text: string, name: string, margin: number, score = SURE) =>
  outputsOf(now, heard(text, { rival: { name, margin }, score }));

describe("where somebody else may have been named", () => {
  test.each(["call ana", "ring ana", "message ana", "call mum"])(
    "%j calls and records nobody before it is asked",
    (text) => {
      const outputs = of(text, "ben", CLOSE);
      expect(ordersIn(outputs)).toEqual([]);
      expect(saidIn(outputs)).toEqual([expect.stringMatching(/^I know Ana Lima and Ben\. Do you mean Ana Lima\?/)]);
    },
  );

  test("the answer decides, and is listened for among just these two", () => {
    const asked = heard("call ana", { rival: { name: "ben", margin: CLOSE } });
    expect(ordersIn(outputsOf(now, asked, heard("ben")))).toEqual([{ type: "call", person: "ben" }]);
    expect(ordersIn(outputsOf(now, asked, heard("yes")))).toEqual([{ type: "call", person: "ana" }]);
    expect(ordersIn(outputsOf(now, asked, heard("no"), heard("yes")))).toEqual([{ type: "call", person: "ben" }]);
    expect(ordersIn(outputsOf(now, asked, heard("cancel")))).toEqual([]);
    expect(outputsOf(now, asked)).toContainEqual(
      expect.objectContaining({ type: "listen", answers: { type: "choice", names: ["Ana Lima", "Ben"] } }),
    );
  });

  test("whoever fits better when listened to once more is asked about first", () => {
    expect(saidIn(of("call ana", "ben", -CLOSE))).toEqual([expect.stringMatching(/Do you mean Ben\?/)]);
  });

  test("both of a name that two have are asked about, too", () => {
    expect(saidIn(of("call ana", "sam", CLOSE))).toEqual([expect.stringMatching(/Ana Lima, Sam Smith and Sam Jones/)]);
  });

  test("an unsure order asks who is meant, not only whether", () => {
    expect(saidIn(of("call ana", "ben", CLOSE, UNSURE))).toEqual([expect.stringMatching(/Do you mean Ana Lima\?/)]);
  });

  test("nobody blocked is spoken of", () => {
    expect(saidIn(of("call ana", "mallory", CLOSE)).join()).not.toMatch(/mallory/i);
    expect(ordersIn(of("call ana", "mallory", CLOSE))).toEqual([]);
  });
});

describe("nothing is asked", () => {
  test("where the other fits far worse", () => {
    expect(ordersIn(of("call ana", "ben", FAR))).toEqual([{ type: "call", person: "ana" }]);
  });

  test("where the other is the same person, or nobody of the book", () => {
    expect(ordersIn(of("call ana", "mum", CLOSE))).toEqual([{ type: "call", person: "ana" }]);
    expect(ordersIn(of("call ana", "zoe", CLOSE))).toEqual([{ type: "call", person: "ana" }]);
  });

  test("before a block, which a press takes back", () => {
    expect(ordersIn(of("block ana", "ben", CLOSE))).toContainEqual({ type: "block", block: { person: "ana" } });
  });
});
