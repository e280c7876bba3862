import { expect, test } from "vitest";
import { startSpoilt } from "#test/house/spoilt-audio-process.ts";

test.concurrent.each(["fails", "hangs"])(
  "a wake word whose inference %s for four seconds ends the process, and the owner is not told of every step",
  async (how) => {
    await using unit = await startSpoilt(import.meta.resolve("../house/failing-inference.ts"), {
      PORTER_INFERENCE: how,
    });
    for (;;) if ((await unit.next("trouble")).message === "The wake word is not listened for any more") break;
    await unit.exited();
    expect(unit.reports.filter(({ type }) => type === "trouble").length).toBeLessThan(5);
  },
);
