import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quiet, step } from "#device/voice/dialog.ts";
import { isTooEasy } from "#device/voice/pin-rules.ts";
import type { Dialog, DialogInput, DialogOutput, Situation } from "#device/voice/states.ts";
import { bookOf, person, STILL } from "./books.ts";
import { heard, held, ordersIn, outputsOf, pressed, runOf, saidIn, UNSURE } from "./talking.ts";

const ana = person("ana", "Ana");
const ben = { ...person("ben", "Ben"), grants: [] };
const LOCKED = { ...STILL, book: bookOf([ana, ben], [{ person: "ana" }], "off") };
const now: Situation = { ...LOCKED, pin: { at: "open" } };
const pause: DialogInput = { type: "timer", timer: "digit" };
const rested: DialogInput = { type: "timer", timer: "pin-rest" };
const unblock = heard("unblock ana");

/** So many presses, then a pause; the last digit is ended by the hold. */
function entering(pin: string): DialogInput[] {
  return Array.from(pin).flatMap((digit) => [...Array.from({ length: Number(digit) || 10 }, () => pressed), pause]);
}
function checksIn(outputs: readonly DialogOutput[]) {
  return outputs.flatMap((output) => (output.type === "check-pin" ? [output] : []));
}
function earconsIn(outputs: readonly DialogOutput[]) {
  return outputs.flatMap((output) => (output.type === "earcon" ? [output.earcon] : []));
}

/** The dialog with the PIN held down at the end, and how to say what it came to. */
function enter(pin: string, from: DialogInput[] = [unblock]) {
  const { dialog, outputs } = runOf(now, ...from, ...entering(pin), held);
  const [check] = checksIn(outputs);
  const checked = (right: boolean, more: Partial<Extract<DialogInput, { type: "pin-checked" }>> = {}): DialogInput => {
    if (check === undefined) throw new Error("nothing is checked");
    return { type: "pin-checked", wish: check.wish, right, wrongBefore: 0, restMs: right ? 0 : 2_000, ...more };
  };
  return { dialog, digits: check?.digits, checked };
}

describe("with a PIN, loosening", () => {
  test.each(["unblock ana", "let ben ring", "turn calling on", "stop being quiet", "who is blocked", "is ana blocked"])(
    "%j is done by the PIN and by nothing else",
    (text) => {
      for (const buttonHeld of [true, false]) {
        const asked = heard(text, { buttonHeld });
        expect(saidIn(outputsOf(now, asked))).toEqual([expect.stringMatching(/press your PIN\.$/)]);
        expect(ordersIn(outputsOf(now, asked, held))).toEqual([]);
        expect(saidIn(outputsOf(now, asked, held))).toEqual([]);
        const { dialog, digits, checked } = enter("3905", [asked]);
        expect(digits).toBe("3905");
        const [, outputs] = step(dialog, checked(true), now);
        const without = outputsOf(LOCKED, heard(text, { buttonHeld: true }));
        expect([saidIn(outputs), ordersIn(outputs)]).toEqual([saidIn(without), ordersIn(without)]);
      }
    },
  );

  test("is told to nobody who presses: each press sounds alike, each digit, and each PIN that is none", () => {
    expect(earconsIn(outputsOf(now, unblock, pressed))).toEqual(["click"]);
    expect(earconsIn(outputsOf(now, unblock, ...entering("39")))).toEqual(["done"]);
    const ends = ["3904", "9999", "0000", "39051", "39050000"].map((pin) => {
      const { dialog, checked } = enter(pin);
      const [after, outputs] = step(dialog, checked(false), now);
      return JSON.stringify([after.pin, outputs]);
    });
    expect(new Set(ends).size).toBe(1);
  });

  test("that was not surely heard needs no yes beside the PIN", () => {
    const unsure = heard("unblock ana", { score: UNSURE, buttonHeld: true });
    expect(saidIn(outputsOf(now, unsure))).toEqual(["To unblock Ana, press your PIN."]);
    expect(ordersIn(outputsOf(now, unsure, heard("yes", { buttonHeld: true })))).toEqual([]);
  });

  test("ends with the third wrong PIN, and with one that must wait long", () => {
    let { dialog, checked } = enter("9876");
    for (const restMs of [2_000, 4_000]) {
      const [resting, outputs] = step(dialog, checked(false, { restMs }), now);
      expect(saidIn(outputs)).toEqual(["That was not it. After the sound, press your PIN again."]);
      const [early, refused] = step(resting, pressed, now);
      expect([early, earconsIn(refused)]).toEqual([resting, ["refused"]]);
      let outputsThen: readonly DialogOutput[] = [];
      [dialog, outputsThen] = step(resting, rested, now);
      expect(earconsIn(outputsThen)).toEqual(["done"]);
      for (const input of [...entering("9876"), held]) [dialog, outputsThen] = step(dialog, input, now);
      expect(checksIn(outputsThen)).toHaveLength(1);
    }
    const [over, outputs] = step(dialog, checked(false, { restMs: 8_000 }), now);
    expect(over).toEqual({ ...quiet, recent: over.recent });
    expect(saidIn(outputs)).toEqual(["That was not it. I take no PIN for another eight seconds."]);
    ({ dialog, checked } = enter("9876"));
    const [, atOnce] = step(dialog, checked(false, { restMs: 7_200_000 }), now);
    expect(saidIn(atOnce)).toEqual(["That was not it. I take no PIN for another two hours."]);
  });

  test("is not even asked about while none is taken, or none can be read", () => {
    const resting: Situation = { ...LOCKED, pin: { at: "resting", leftMs: 61_000 } };
    const unreadable: Situation = { ...LOCKED, pin: { at: "unreadable" } };
    expect(saidIn(outputsOf(resting, unblock))).toEqual(["I take no PIN for another two minutes."]);
    expect(saidIn(outputsOf(unreadable, unblock))).toEqual([
      "I cannot read your PIN. Set it anew with porter pin set.",
    ]);
    for (const at of [resting, unreadable]) {
      expect(ordersIn(outputsOf(at, heard("unblock ana", { buttonHeld: true })))).toEqual([]);
      expect(ordersIn(outputsOf(at, unblock, held))).toEqual([]);
    }
  });

  test("says how often somebody else tried", () => {
    const { dialog, checked } = enter("3905");
    const [, outputs] = step(dialog, checked(true, { wrongBefore: 4 }), now);
    expect(saidIn(outputs)).toEqual([
      "Ana is not blocked any more.",
      "Before that, a wrong PIN was entered four times.",
    ]);
  });

  test("is dropped after ten seconds without a press, by any other word, and while a PIN is set for it", () => {
    expect(earconsIn(outputsOf(now, unblock, pressed, { type: "timer", timer: "hold" }))).toEqual(["refused"]);
    for (const end of [heard("who called"), heard(null), { type: "timer", timer: "hold" } as const]) {
      const { dialog } = runOf(now, unblock, ...entering("3905"), end);
      expect([dialog.wish, dialog.pin]).toEqual([null, null]);
    }
    const [wishing] = step(quiet, unblock, LOCKED);
    expect(ordersIn(step(wishing, held, now)[1])).toEqual([]);
  });

  test("counts no try for what cannot be a PIN, and begins anew", () => {
    for (const entered of [entering("390"), entering("123456789"), [], Array.from({ length: 11 }, () => pressed)]) {
      const { dialog, outputs } = runOf(now, unblock, ...entered, held);
      expect([checksIn(outputs), dialog.pin]).toEqual([[], { at: "entering", digits: "", presses: 0, wrong: 0 }]);
    }
  });

  test("takes no answer but to what was entered for it", () => {
    const { dialog, checked } = enter("3905");
    const { dialog: other } = enter("3905");
    expect(step(other, checked(true), now)).toEqual([other, []]);
    const { dialog: unheld } = runOf(now, unblock, pressed);
    expect(step(unheld, checked(true), now)[1]).toEqual([]);
    expect(step(quiet, checked(true), now)[1]).toEqual([]);
    expect(ordersIn(step(dialog, checked(true), now)[1])).toHaveLength(1);
  });
});

const INPUTS: readonly DialogInput[] = [
  ...["unblock ana", "turn calling on", "let ana ring", "yes", "cancel", "who is blocked", "gibberish"].flatMap(
    (text) => [true, false].map((buttonHeld) => heard(text, { buttonHeld })),
  ),
  pressed,
  held,
  pause,
  rested,
  { type: "timer", timer: "hold" },
  { type: "timer", timer: "answer" },
];

/** What brings a check about. */
const ENTERED = [unblock, ...entering("4821"), held];

test("whatever is said and pressed, in any order, nothing is loosened or told but behind a PIN that was right", () => {
  let checks = 0;
  const answer = fc.record({ right: fc.boolean(), restMs: fc.constantFrom(0, 2_000, 20_000, null) });
  const move = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...INPUTS) }, fc.constant(ENTERED), answer);
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
      let dialog: Dialog = quiet;
      let asked: Extract<DialogOutput, { type: "check-pin" }> | null = null;
      for (const each of moves) {
        const inputs: DialogInput[] =
          "right" in each
            ? asked === null
              ? []
              : [{ type: "pin-checked", wrongBefore: 0, wish: asked.wish, ...each }]
            : Array.isArray(each)
              ? each
              : "type" in each
                ? [each]
                : [];
        for (const input of inputs) {
          const [after, outputs] = step(dialog, input, now);
          dialog = after;
          const told = saidIn(outputs).some((sentence) => sentence.endsWith(" blocked."));
          const isRight = input.type === "pin-checked" && input.right;
          if (ordersIn(outputs).length > 0 || told) expect(isRight).toBe(true);
          if (isRight) checks += ordersIn(outputs).length;
          expect(dialog.pin === null || dialog.wish !== null).toBe(true);
          asked = checksIn(outputs)[0] ?? asked;
        }
      }
    }),
    { numRuns: 2_000 },
  );
  expect(checks).toBeGreaterThan(0);
});

test("what anybody would try first is no PIN", () => {
  for (const easy of ["0000", "1111", "1234", "4321", "7890", "0987", "1212", "90909090"]) {
    expect(isTooEasy(easy), easy).toBe(true);
  }
  for (const fair of ["3905", "1243", "2580", "0070"]) expect(isTooEasy(fair), fair).toBe(false);
});
