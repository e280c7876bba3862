import { describe, expect, test } from "vitest";
import { quiet, step } from "#device/voice/dialog.ts";
import * as say from "#device/voice/say.ts";
import type { Situation } from "#device/voice/states.ts";
import { bookOf, person, STILL } from "./books.ts";
import { heard, ordersIn, outputsOf, pressed, saidIn, UNSURE } from "./talking.ts";

const ana = person("ana", "Ana");
const idle: Situation = { ...STILL, book: bookOf([ana]) };

describe("loosening", () => {
  const now = { ...idle, book: bookOf([ana], [{ person: "ana" }], "off") };
  test.each(["unblock ana", "turn calling on"])("%j asks for the button, and happens with it", (text) => {
    const named = text.startsWith("unblock");
    expect(outputsOf(now, heard(text))).toEqual([
      { type: "say", sentence: named ? "To unblock Ana, hold the button." : say.forThat("hold the button") },
      { type: "start-timer", timer: "hold", afterMs: 10_000 },
    ]);
    const done = ordersIn(outputsOf(now, heard(text), { type: "held" }));
    expect(done).toHaveLength(1);
    expect(ordersIn(outputsOf(now, heard(text), { type: "timer", timer: "hold" }, { type: "held" }))).toEqual([]);
    expect(ordersIn(outputsOf(now, heard(text), pressed, { type: "held" }))).toEqual([]);
    expect(ordersIn(outputsOf(now, heard(text), heard("who called"), { type: "held" }))).toEqual([]);
    expect(ordersIn(outputsOf(now, heard(text, { buttonHeld: true })))).toHaveLength(1);
  });

  test("that was not surely heard needs the button for the yes as well", () => {
    const unsure = heard("unblock ana", { score: UNSURE, buttonHeld: true });
    expect(saidIn(outputsOf(now, unsure))).toEqual(["Shall I unblock Ana?"]);
    expect(saidIn(outputsOf(now, unsure, heard("yes")))).toEqual(["To unblock Ana, hold the button."]);
    expect(ordersIn(outputsOf(now, unsure, heard("yes"), { type: "held" }))).toHaveLength(1);
    expect(ordersIn(outputsOf(now, unsure, heard("yes", { buttonHeld: true })))).toEqual([
      { type: "unblock", person: "ana" },
    ]);
  });

  test("leaves nothing for a later press to undo", () => {
    const held = heard("unblock ana", { buttonHeld: true });
    const [undoable] = step(quiet, heard("block ana"), idle);
    const [loose] = step(undoable, held, now);
    expect(step(loose, pressed, idle)[1]).toEqual([]);
  });
});
