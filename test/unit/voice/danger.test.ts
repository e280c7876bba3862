import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CONFIDENCE } from "#device/voice/confidence.ts";
import { quiet, step } from "#device/voice/dialog.ts";
import { parse } from "#device/voice/intent.ts";
import type { Dialog, DialogInput, Order, Situation } from "#device/voice/states.ts";
import { bookOf, person, STILL } from "./books.ts";
import { heard, held, nothing, ordersIn, pressed, SURE } from "./talking.ts";

const people = [
  person("ana", "Ana"),
  person("smith", "Sam Smith"),
  person("jones", "Sam Jones"),
  person("dave", "Dave"),
];
const book = bookOf(people, [{ person: "dave" }]);
const TEXTS = [
  "call ana",
  "call sam",
  "call sam at work",
  "call dave",
  "call back",
  "redial",
  "no the other sam",
  "not that one",
  "the second",
  "sam jones",
  "call a number",
  "call five five five one two",
  "five five five one two three",
  "delete ana",
  "delete sam",
  "delete dave",
  "delete all from ana",
  "call ana nan from now on",
  "call her nan from now on",
  "unblock dave",
  "allow ana",
  "is dave blocked",
  "turn calling on",
  "stop being quiet",
  "call nine nine nine",
  "call for help",
  "yes",
  "no",
  "again",
  "cancel",
  "what can i say",
  "gibberish",
] as const;
const CALLS: readonly Situation["call"][] = [
  { at: "idle" },
  { at: "calling", peer: "smith" },
  { at: "talking", peer: "ana" },
];
const spoken = fc.record({
  text: fc.constantFrom(...TEXTS),
  score: fc.constantFrom(SURE, CONFIDENCE.accept, CONFIDENCE.accept - 0.1, CONFIDENCE.fitting - 0.1),
  buttonHeld: fc.boolean(),
});
const input: fc.Arbitrary<DialogInput> = fc.oneof(
  { weight: 12, arbitrary: spoken.map(({ text, ...hearing }) => heard(text, hearing)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<DialogInput>(
      pressed,
      held,
      nothing,
      heard(null),
      { type: "timer", timer: "answer" },
      { type: "timer", timer: "hold" },
    ),
  },
);
const moment = fc.record({ input, call: fc.constantFrom(...CALLS) });

type Step = Readonly<{ before: Dialog; input: DialogInput; after: Dialog; orders: readonly Order[]; said: string }>;

/** Every step of many walks; `said`: all that was said up to here. */
function forEveryStep(check: (step: Step) => void): void {
  let checked = 0;
  fc.assert(
    fc.property(fc.array(moment, { minLength: 1, maxLength: 7 }), (moments) => {
      let dialog = quiet;
      let said = "";
      for (const { input: one, call } of moments) {
        const now: Situation = { ...STILL, book, call, lastCaller: "ana", lastCalled: "jones" };
        const before = dialog;
        const [after, outputs] = step(before, one, now);
        dialog = after;
        if (one.type === "heard") said += ` ${one.text ?? ""}`;
        check({ before, input: one, after, orders: ordersIn(outputs), said });
        checked += 1;
      }
    }),
    { numRuns: 1_500 },
  );
  expect(checked).toBeGreaterThan(1_500);
}

const isYes = (one: DialogInput) => one.type === "heard" && parse(one.text ?? "")?.type === "yes";
const isClear = (one: DialogInput) => one.type === "heard" && one.score >= CONFIDENCE.accept;
const ordered = <Type extends Order["type"]>(orders: readonly Order[], type: Type) =>
  orders.filter((order): order is Extract<Order, { type: Type }> => order.type === type);

test("no walk without a clear yes calls a number, or another one than was read back", () => {
  forEveryStep(({ before, input: one, orders }) => {
    for (const { digits } of ordered(orders, "call-number")) {
      expect([isYes(one), isClear(one), before.question]).toMatchObject([true, true, { act: "number", digits }]);
    }
  });
});

test("no walk without a clear yes deletes a person or their messages, and none deletes a blocked one by voice alone", () => {
  forEveryStep(({ before, input: one, orders }) => {
    for (const order of [...ordered(orders, "delete-person"), ...ordered(orders, "delete-all")]) {
      const whom = "person" in order ? order.person : order.from;
      if (one.type === "held") expect(before.wish).toMatchObject({ act: "delete-person", person: whom });
      else expect([isYes(one), isClear(one), before.question]).toMatchObject([true, true, { asked: { person: whom } }]);
      const isByHand = one.type === "held" || (one.type === "heard" && one.buttonHeld);
      expect(whom !== "dave" || isByHand).toBe(true);
    }
  });
});

test("no walk calls anybody whose name was not said, but who called or was called last where just that was asked for", () => {
  const given: Readonly<Record<string, string>> = { ana: "ana", smith: "sam", jones: "sam", dave: "dave" };
  forEveryStep(({ orders, said }) => {
    for (const { person: whom } of ordered(orders, "call")) {
      const isLast = (whom === "ana" && said.includes("call back")) || (whom === "jones" && said.includes("redial"));
      expect(isLast || said.includes(given[whom] ?? "?"), said).toBe(true);
      expect(whom).not.toBe("dave");
    }
  });
});

test("no walk loosens anything, or tells of blocks, without the button", () => {
  forEveryStep(({ before, input: one, orders }) => {
    const loose = orders.filter(({ type }) => ["unblock", "grant", "calling-on", "quiet-off"].includes(type));
    if (loose.length === 0) return;
    const isHeld = one.type === "heard" && one.buttonHeld;
    expect(isHeld || (one.type === "held" && before.wish !== null)).toBe(true);
  });
});

test("cancel ends every question, and so do a press and silence", () => {
  forEveryStep(({ after, before, input: one }) => {
    const isCancel = one.type === "heard" && one.text === "cancel" && one.score >= CONFIDENCE.accept;
    const isEnd = isCancel || (one.type === "heard" && !one.spoke) || (one.type === "pressed" && before.undo === null);
    if (isEnd) expect(after.question).toBeNull();
  });
});
