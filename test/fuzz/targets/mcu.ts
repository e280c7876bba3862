import { SCENES } from "#hal/hal.ts";
import { encodeFrame, type Frame, FrameDecoder } from "#hal/mcu/frame.ts";
import { encodeMessage, type McuMessage, readMessage } from "#hal/mcu/messages.ts";
import { join, mutateBytes } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, stateless, type Target } from "../target.ts";

/** What a microcontroller, or whoever sits on its wires, may send: in any pieces, between any garbage. */
export const mcu: Target = {
  name: "microcontroller",
  meets: ["nothing", "message", "not ours"],
  open: stateless((random) => {
    const last = encodeMessage(wildMessage(random));
    const before = Array.from({ length: random.below(4) }, () => wildBytes(random));
    const found: Frame[] = [];
    const decoder = new FrameDecoder();
    for (const piece of cut(random, join(...before, last))) decoder.push(piece, (frame) => found.push(keep(frame)));
    // Whatever came before, a whole frame after it is found.
    const final = found.at(-1);
    if (final === undefined || !Buffer.from(encodeFrame(final)).equals(last)) broken("a whole frame was passed over");
    const wild: Frame[] = [];
    decoder.push(wildBytes(random), (frame) => wild.push(keep(frame)));
    const [first] = wild;
    if (first === undefined) return "nothing";
    const message = readMessage(first);
    if (message === null) return "not ours";
    if (!Buffer.from(encodeMessage(message)).equals(encodeFrame(first))) broken("a message is read as another");
    return "message";
  }),
};

function keep(frame: Frame): Frame {
  return { ...frame, body: Uint8Array.from(frame.body) };
}

function wildBytes(random: Random): Uint8Array {
  if (random.chance(0.2)) return random.bytes(random.size(600));
  // Sums that are right, around what is not ours.
  if (random.chance(0.3)) {
    const [type, session, seq] = [random.below(40), random.below(65_536), random.below(256)];
    return encodeFrame({ type, session, seq, body: random.bytes(random.below(33)) });
  }
  const bytes = encodeMessage(wildMessage(random));
  return random.chance(0.4) ? bytes : mutateBytes(random, bytes);
}

function wildMessage(random: Random): McuMessage {
  const [session, seq] = [1 + random.below(65_535), random.below(256)];
  return random.pick<McuMessage>([
    { type: "hello", session, oldest: 1, newest: 1 + random.below(255) },
    { type: "welcome", session, version: random.below(256), name: "ring 1" },
    { type: "booted" },
    { type: "scene", session, seq, scene: random.pick(SCENES) },
    { type: "inputs", session, seq, button: random.chance(0.5), mute: random.chance(0.5) },
    { type: "ack", session, seq },
  ]);
}

function cut(random: Random, bytes: Uint8Array): Uint8Array[] {
  const at = random.below(bytes.length + 1);
  return random.chance(0.5) ? [bytes] : [bytes.subarray(0, at), bytes.subarray(at)];
}
