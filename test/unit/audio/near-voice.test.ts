import { expect, test } from "vitest";
import { NearVoice } from "#audio/near-voice.ts";

/** Of frames at -20 dBFS, and of the echo of such a one. */
const PLAYED = 160 * 32_767 ** 2 * 0.01;
const ECHO = PLAYED / 4;

/** What is thought of the last of so many frames. */
function after(near: NearVoice, frames10ms: number, played: number, before: number, left: number): boolean {
  let said = false;
  for (let frame = 0; frame < frames10ms; frame += 1) said = near.look(played, before, left);
  return said;
}

test("somebody who speaks as loudly as the echo is noticed within 50 ms, once the filter knows the room", () => {
  const near = new NearVoice();
  expect(after(near, 100, PLAYED, ECHO, ECHO / 100)).toBe(false);
  expect(after(near, 5, PLAYED, 2 * ECHO, ECHO)).toBe(true);
});

test("echo that the filter does not take away yet is nobody's voice, nor is any after it lost the room", () => {
  const near = new NearVoice();
  expect(after(near, 1_000, PLAYED, ECHO, ECHO / 2)).toBe(false);
  after(near, 100, PLAYED, ECHO, ECHO / 100);
  expect(after(near, 490, PLAYED, ECHO, ECHO / 2)).toBe(true);
  expect(after(near, 20, PLAYED, ECHO, ECHO / 2)).toBe(false);
});

test("a room in which nothing is played teaches nothing", () => {
  const near = new NearVoice();
  after(near, 100, 0, ECHO, ECHO / 100);
  expect(after(near, 5, PLAYED, 2 * ECHO, ECHO)).toBe(false);
});
