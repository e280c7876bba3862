import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { encodeFrame, type Frame, FrameDecoder } from "#hal/mcu/frame.ts";
import { encodeMessage, type McuMessage, readMessage } from "#hal/mcu/messages.ts";

const session = 0x1234;
const MESSAGES: Readonly<Record<string, McuMessage>> = {
  booted: { type: "booted" },
  "hello, versions 1 to 1": { type: "hello", session, oldest: 1, newest: 1 },
  'welcome, version 1, "ring"': { type: "welcome", session, version: 1, name: "ring" },
  "scene 1, ringing": { type: "scene", session, seq: 1, scene: "ringing" },
  "scene 2, off": { type: "scene", session, seq: 2, scene: "off" },
  "inputs 1, neither": { type: "inputs", session, seq: 1, button: false, mute: false },
  "inputs 255, both": { type: "inputs", session, seq: 255, button: true, mute: true },
  "ack 0": { type: "ack", session, seq: 0 },
};

function decode(bytes: Uint8Array): (McuMessage | null)[] {
  const messages: (McuMessage | null)[] = [];
  const decoder = new FrameDecoder();
  for (const byte of bytes) decoder.push(Uint8Array.of(byte), (frame: Frame) => messages.push(readMessage(frame)));
  return messages;
}

test("the test vectors of the protocol's page are what is sent and understood, all of them", () => {
  const page = readFileSync(new URL("../../../hal/mcu/README.md", import.meta.url), "utf8");
  const vectors = [...page.matchAll(/^\| (.+?) +\| `(00 [0-9a-f ]+ 00)` +\|$/gm)];
  expect(vectors.map(([, name]) => name)).toEqual(Object.keys(MESSAGES));
  for (const [, name = "", hex = ""] of vectors) {
    const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
    const message = MESSAGES[name];
    expect(message && Buffer.from(encodeMessage(message)).equals(bytes), name).toBe(true);
    expect(decode(bytes), name).toEqual([message]);
  }
});

test("a frame is found after any beginning of another, one byte at a time, and none with a bit flipped", () => {
  const whole = encodeMessage({ type: "inputs", session, seq: 1, button: true, mute: false });
  for (let cut = 0; cut < whole.length - 1; cut += 1)
    expect(decode(Buffer.concat([whole.subarray(0, cut), whole])), `cut at ${cut}`).toHaveLength(1);
  for (let bit = 8; bit < (whole.length - 1) * 8; bit += 1) {
    const flipped = Uint8Array.from(whole);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(decode(flipped), `bit ${bit}`).toEqual([]);
  }
});

test("nothing is read from a frame that is longer than any, and what follows it is", () => {
  const long = encodeFrame({ type: 17, session, seq: 1, body: new Uint8Array(200).fill(7) });
  const endless = Buffer.alloc(100_000, 9);
  const next = encodeMessage({ type: "ack", session, seq: 3 });
  expect(decode(Buffer.concat([long, endless, next]))).toEqual([{ type: "ack", session, seq: 3 }]);
});
