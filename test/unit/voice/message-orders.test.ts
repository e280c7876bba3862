import { expect, test } from "vitest";
import { quiet, step } from "#device/voice/dialog.ts";
import * as say from "#device/voice/say.ts";
import type { DialogInput, DialogOutput, Situation } from "#device/voice/states.ts";
import { bookOf, person, STILL } from "./books.ts";

const [ana, ben] = [person("ana", "Ana"), person("ben", "Ben")];
const draft = { id: "draft-1", person: "ana", to: "ana", durationMs: 3_000 };
const now: Situation = { ...STILL, book: bookOf([ana, ben]), draft };
const heard = (text: string): DialogInput => ({ type: "heard", text, score: 0, spoke: true, buttonHeld: false });
const saidIn = (outputs: readonly DialogOutput[]) =>
  outputs.flatMap((output) => (output.type === "say" ? [output.sentence] : []));

test("what was recorded for one person is not sent where its account is another's by now", () => {
  const [asking] = step(quiet, { type: "draft-waits" }, now);
  expect(asking.question).toMatchObject({ act: "send", asked: { name: "Ana" } });
  for (const people of [
    [
      { ...ana, accounts: [] },
      { ...ben, accounts: ["ana"] },
    ],
    [ana, { ...ben, accounts: ["ana"] }],
  ]) {
    const [, outputs] = step(asking, heard("yes"), { ...now, book: bookOf(people) });
    expect(outputs.filter(({ type }) => type === "do")).toEqual([]);
    expect(saidIn(outputs)).toEqual([say.cannotMessage("Ana")]);
  }
});

test("somebody whose account another has too cannot be messaged, but in no other's place", () => {
  const book = bookOf([ana, { ...ben, accounts: ["ana"] }]);
  expect(saidIn(step(quiet, heard("message ana"), { ...now, book })[1])).toEqual([say.cannotMessage("Ana")]);
});

test.each(["next", "skip", "repeat", "again", "delete it", "reply", "save that", "stop"])(
  "%j makes a sorry tone and no more while nothing is listened to",
  (text) => {
    expect(step(quiet, heard(text), { ...now, draft: null })).toEqual([quiet, [{ type: "sorry" }]]);
  },
);

test.each(["send it", "play it", "discard it"])("%j does nothing where nothing was recorded", (text) => {
  const [, outputs] = step(quiet, heard(text), { ...now, draft: null });
  expect(outputs.filter(({ type }) => type !== "say" && type !== "sorry")).toEqual([]);
});

test("which of several people is meant is asked before anything is recorded", () => {
  const book = bookOf([person("a", "Dave Smith"), person("b", "Dave Jones")]);
  const [asking, outputs] = step(quiet, heard("message dave"), { ...now, book });
  expect(saidIn(outputs)).toEqual(["I know Dave Smith and Dave Jones. Do you mean Dave Smith?"]);
  const [, no] = step(asking, heard("no"), { ...now, book });
  expect(saidIn(no)).toEqual(["Do you mean Dave Jones?"]);
  const [, yes] = step(asking, heard("yes"), { ...now, book });
  expect(yes).toContainEqual({ type: "do", order: { type: "record", person: "a", to: "a" } });
});
