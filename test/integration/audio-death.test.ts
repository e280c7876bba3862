import { expect, test } from "vitest";
import { AudioProcess } from "../house/audio-process.ts";

test("when its recogniser dies the process says so and ends by itself, so that the brain starts another", async () => {
  const preload = `--import=${import.meta.resolve("../house/dying-recogniser.ts")}`;
  await using unit = await AudioProcess.start({}, { NODE_OPTIONS: preload });
  expect(await unit.next("trouble")).toMatchObject({ code: "engine-failed" });
  expect(await unit.exited()).toBe(1);
});
