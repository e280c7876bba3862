import { describe, expect, test } from "vitest";
import { CONFIDENCE } from "#device/voice/confidence.ts";
import { quiet, step } from "#device/voice/dialog.ts";
import type { DialogInput, DialogOutput, Situation } from "#device/voice/states.ts";
import { bookOf, person, STILL } from "./books.ts";
import { heard, ordersIn, UNSURE } from "./talking.ts";

const ana = person("ana", "Ana");
const idle: Situation = { ...STILL, book: bookOf([ana]) };
const peer = ana.accounts[0] ?? "";

function hear(now: Situation, text: string, score: number): readonly DialogOutput[] {
  const input: DialogInput = { type: "heard", text, score, spoke: true, buttonHeld: false };
  return step(quiet, input, now)[1];
}

describe("a faint word", () => {
  const faint = CONFIDENCE.fitting;
  const talking: Situation = { ...idle, call: { at: "talking", peer } };
  const ringing: Situation = { ...idle, call: { at: "ringing", peer } };
  test.each<[string, Situation, string]>([
    ["hang up", talking, "hang-up"],
    ["answer", ringing, "answer"],
    ["ignore it", ringing, "ignore"],
    ["block that caller", ringing, "block"],
  ])("is enough for %j where that is what one would say now", (text, now, order) => {
    expect(hear(now, text, faint)).toContainEqual({ type: "do", order: expect.objectContaining({ type: order }) });
    expect(hear(now, text, faint - 0.1)).toEqual([{ type: "sorry" }]);
  });

  test("is enough to say no to a question, and never to say yes", () => {
    for (const question of ["call ana", "delete ana"]) {
      const [asking] = step(quiet, heard(question, { score: UNSURE }), idle);
      const answered = (text: string, score: number) => step(asking, heard(text, { score }), idle)[1];
      for (const yes of ["yes", "yeah", "that's right"]) {
        expect(ordersIn(answered(yes, CONFIDENCE.accept - 0.01))).toEqual([]);
        expect(ordersIn(answered(yes, CONFIDENCE.accept))).toHaveLength(1);
      }
      expect(step(asking, heard("no", { score: faint }), idle)[0].question).toBeNull();
    }
  });

  test.each(["block ana", "turn calling off", "call ana", "answer"])("is not enough for %j out of nothing", (text) => {
    expect(hear(idle, text, faint)).toEqual([{ type: "sorry" }]);
  });
});
