import { expect, test } from "vitest";
import { build } from "./built-pipeline.ts";

/** After the wake word the brain asks for the chirp at once. */
async function woken() {
  const built = build();
  built.wake.wake();
  built.pipeline.startTone("chirp");
  return built;
}

test("a chirp invites whoever pauses after the wake word", async () => {
  const { run } = await woken();
  expect(await run(300)).toBe(0);
  expect(await run(400)).toBeGreaterThan(500);
});

test("a chirp never talks over somebody who speaks on in one breath", async () => {
  const { run, speak } = await woken();
  await speak(400, 0);
  expect(await run(1_000)).toBe(0);
});
