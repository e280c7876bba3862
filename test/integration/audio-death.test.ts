import { expect, test } from "vitest";
import { startSpoilt } from "../house/spoilt-audio-process.ts";

test("when its recogniser dies the process says so and ends by itself, so that the brain starts another", async () => {
  await using unit = await startSpoilt(import.meta.resolve("../house/dying-recogniser.ts"));
  expect(await unit.next("trouble")).toMatchObject({ code: "engine-failed" });
  expect(await unit.exited()).toBe(1);
});

test.concurrent("a recogniser that hangs where no message reaches it ends the process, too, within seconds", async () => {
  await using unit = await startSpoilt(import.meta.resolve("../house/hanging-thread.ts"));
  expect(await unit.next("trouble")).toMatchObject({ code: "engine-hangs" });
  expect(await unit.exited()).toBe("SIGKILL");
});
