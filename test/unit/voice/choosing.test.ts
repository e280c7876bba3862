import { describe, expect, test } from "vitest";
import { step } from "#device/voice/dialog.ts";
import * as say from "#device/voice/say.ts";
import type { Alike, Situation } from "#device/voice/states.ts";
import { bookOf, person, STILL } from "./books.ts";
import { heard, nothing, ordersIn, outputsOf, pressed, runOf, SURE, saidIn, UNSURE } from "./talking.ts";

const jon = person("jon", "Jon");
const john = person("john", "John");
const smith = person("smith", "Sam Smith");
const jones = person("jones", "Sam Jones");
const ann = person("ann", "Ann");
const anna = person("anna", "Anna");
const now: Situation = { ...STILL, book: bookOf([jon, john, smith, jones, ann, anna]) };
const calling = (peer: string): Situation => ({ ...now, call: { at: "calling", peer } });
const JON: readonly Alike[] = [{ word: "jon", same: ["john"], close: [] }];
const ANN: readonly Alike[] = [{ word: "ann", same: [], close: ["anna"] }];

describe("names that sound alike", () => {
  test("are asked about and spelled, whichever of them the recogniser chose to write", () => {
    const which = heard("call jon", { alike: JON });
    expect(ordersIn(outputsOf(now, which))).toEqual([]);
    expect(saidIn(outputsOf(now, which))).toEqual(["I know Jon J O N and John J O H N. Do you mean Jon J O N?"]);
    expect(ordersIn(outputsOf(now, which, heard("the second one")))).toEqual([{ type: "call", person: "john" }]);
    expect(ordersIn(outputsOf(now, which, heard("no"), heard("yes")))).toEqual([{ type: "call", person: "john" }]);
  });

  test("are not told apart where only one of them is in the book", () => {
    const one: Situation = { ...now, book: bookOf([john]) };
    expect(ordersIn(outputsOf(one, heard("call jon", { alike: JON })))).toEqual([{ type: "call", person: "john" }]);
  });

  test("closely need a yes, and nearly the same name of nobody does not", () => {
    expect(saidIn(outputsOf(now, heard("call ann", { alike: ANN })))).toEqual(["Shall I call Ann?"]);
    const one: Situation = { ...now, book: bookOf([ann]) };
    expect(ordersIn(outputsOf(one, heard("call ann", { alike: ANN })))).toHaveLength(1);
  });
});

describe("which of several", () => {
  const which = heard("call sam");
  test("is answered by the name, by its place in the list, by yes and by no", () => {
    const calls = (...answers: string[]) => ordersIn(outputsOf(now, which, ...answers.map((text) => heard(text))));
    expect(calls("sam jones")).toEqual([{ type: "call", person: "jones" }]);
    expect(calls("the first")).toEqual([{ type: "call", person: "smith" }]);
    expect(calls("yes")).toEqual([{ type: "call", person: "smith" }]);
    expect(calls("the other one", "yes")).toEqual([{ type: "call", person: "jones" }]);
    expect(calls("the other sam", "yes")).toEqual([{ type: "call", person: "jones" }]);
    for (const answer of ["sam", "the third", "jon jones"]) expect(calls(answer)).toEqual([]);
  });

  test("is listened for with nothing but the choices", () => {
    expect(outputsOf(now, which)).toContainEqual({
      type: "listen",
      patienceMs: 5_000,
      answers: { type: "choice", names: ["Sam Smith", "Sam Jones"] },
    });
  });

  test("is not answered by a murmur", () => {
    for (const text of ["sam jones", "the second"]) {
      expect(ordersIn(outputsOf(now, which, heard(text, { score: UNSURE - 0.1 })))).toEqual([]);
    }
  });

  test("of what cannot be taken back still asks whether to do it", () => {
    const picked = outputsOf(now, heard("delete sam"), heard("sam jones"));
    expect(saidIn(picked)).toEqual([say.confirmDelete("Sam Jones")]);
    expect(ordersIn(outputsOf(now, heard("delete sam"), heard("sam jones"), heard("yes")))).toEqual([
      { type: "delete-person", person: "jones" },
    ]);
  });
});

describe("the wrong one", () => {
  test.each(["no the other sam", "not that one", "wrong person"])(
    "%j ends the call, and asks about the others",
    (text) => {
      const { dialog } = runOf(now, heard("call sam"), heard("yes"));
      expect(dialog.recent).toMatchObject({ person: "smith" });
      const [asking, outputs] = step(dialog, heard(text), calling("smith"));
      expect(ordersIn(outputs)).toEqual([{ type: "hang-up" }]);
      expect(asking.question).toMatchObject({ act: "call", asked: { person: "jones" } });
    },
  );

  test("of a name that only one has hangs up, and calls nobody", () => {
    const outputs = outputsOf(calling("jon"), heard("no the other jon"));
    expect(ordersIn(outputs).map(({ type }) => type)).toEqual(["hang-up"]);
    expect(saidIn(outputs)).toEqual([say.noOther()]);
  });

  test("asks for the other Sam, who is called after a yes alone", () => {
    const outputs = outputsOf(calling("smith"), heard("no the other sam"));
    expect(ordersIn(outputs)).toEqual([{ type: "hang-up" }]);
    expect(saidIn(outputs)).toEqual(["Do you mean Sam Jones?"]);
  });

  test("means nothing where nobody is called, and nobody was named", () => {
    expect(outputsOf(now, heard("not that one"))).toEqual([{ type: "sorry" }]);
    expect(outputsOf(now, heard("the other sam"))).toEqual([{ type: "sorry" }]);
  });
});

describe("at work", () => {
  const office = person("office", "Sam at Work");
  const sam = person("sam", "Sam");
  test("is whoever is called so, and otherwise asked about", () => {
    const both: Situation = { ...now, book: bookOf([sam, office]) };
    expect(ordersIn(outputsOf(both, heard("call sam at work")))).toEqual([{ type: "call", person: "office" }]);
    const one: Situation = { ...now, book: bookOf([sam]) };
    expect(saidIn(outputsOf(one, heard("call sam's mobile")))).toEqual(["Shall I call Sam?"]);
  });
});

describe("a number", () => {
  const digits = heard("five five five zero one three four");
  const readBack = say.confirmNumber("five five five, zero one three four");
  test("is asked for in a state of its own, read back, and called after a yes alone", () => {
    expect(outputsOf(now, heard("call a number"))).toContainEqual({
      type: "listen",
      patienceMs: 5_000,
      answers: { type: "number" },
    });
    expect(saidIn(outputsOf(now, heard("call a number"), digits))).toEqual([readBack]);
    expect(ordersIn(outputsOf(now, heard("call a number"), digits, heard("yes")))).toEqual([
      { type: "call-number", digits: "5550134" },
    ]);
    expect(ordersIn(outputsOf(now, heard("call a number"), digits, heard("yes", { score: UNSURE - 0.1 })))).toEqual([]);
  });

  test("that was heard wrongly is dictated again, or is corrected by saying another", () => {
    for (const answer of ["no", "again"]) {
      expect(saidIn(outputsOf(now, heard("call a number"), digits, heard(answer)))).toEqual([say.whichNumber()]);
    }
    const other = heard("plus four four two oh");
    expect(saidIn(outputsOf(now, heard("call a number"), digits, other))).toEqual([
      say.confirmNumber("plus four four two zero"),
    ]);
  });

  test("is dropped by cancel, a press, silence, and what is no number twice", () => {
    for (const end of [heard("cancel"), pressed, nothing]) {
      expect(saidIn(outputsOf(now, heard("call a number"), end))).toEqual([say.cancelled()]);
      expect(runOf(now, heard("call a number"), digits, end).dialog.question).toBeNull();
    }
    const noise = heard(null, { score: SURE });
    expect(saidIn(outputsOf(now, heard("call a number"), noise, noise))).toEqual([say.cancelled()]);
  });
});
