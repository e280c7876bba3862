import { SCENES, type Scene } from "../hal.ts";
import { encodeFrame, type Frame } from "./frame.ts";

/** The protocol's version that we speak. */
export const VERSION = 1;

/** All that crosses between a unit and the microcontroller of its board; README.md is for whoever writes that. */
export type McuMessage =
  /** Unit: begins a session. */
  | Readonly<{ type: "hello"; session: number; oldest: number; newest: number }>
  /** Microcontroller: takes part in it, by this version; 0: it speaks none of those. */
  | Readonly<{ type: "welcome"; session: number; version: number; name: string }>
  /** Microcontroller: has just started, and waits for a hello. */
  | Readonly<{ type: "booted" }>
  /** Unit: show this. */
  | Readonly<{ type: "scene"; session: number; seq: number; scene: Scene }>
  /** Microcontroller: both inputs as they are now. */
  | Readonly<{ type: "inputs"; session: number; seq: number; button: boolean; mute: boolean }>
  /** Both: that was taken. */
  | Readonly<{ type: "ack"; session: number; seq: number }>;

const TYPES = { hello: 1, welcome: 2, booted: 3, scene: 16, inputs: 17, ack: 32 } as const satisfies Record<
  McuMessage["type"],
  number
>;
const BUTTON = 1;
const MUTE = 2;
const LONGEST_NAME = 16;
const NOTHING = new Uint8Array();

export function encodeMessage(message: McuMessage): Uint8Array {
  const type = TYPES[message.type];
  switch (message.type) {
    case "hello":
      return encodeFrame({
        type,
        session: message.session,
        seq: 0,
        body: Uint8Array.of(message.oldest, message.newest),
      });
    case "welcome": {
      const body = Buffer.from(`\0${message.name.slice(0, LONGEST_NAME)}`, "latin1");
      body[0] = message.version;
      return encodeFrame({ type, session: message.session, seq: 0, body });
    }
    case "booted":
      return encodeFrame({ type, session: 0, seq: 0, body: NOTHING });
    case "scene":
      return encodeFrame({
        type,
        session: message.session,
        seq: message.seq,
        body: Uint8Array.of(sceneId(message.scene)),
      });
    case "inputs": {
      const flags = (message.button ? BUTTON : 0) | (message.mute ? MUTE : 0);
      return encodeFrame({ type, session: message.session, seq: message.seq, body: Uint8Array.of(flags) });
    }
    case "ack":
      return encodeFrame({ type, session: message.session, seq: message.seq, body: NOTHING });
  }
}

/** Null: not one of ours, or one that says what it cannot. Anything on a wire is expected input. */
export function readMessage({ type, session, seq, body }: Frame): McuMessage | null {
  const [first = 0, second = 0] = body;
  if (type === TYPES.booted) return session === 0 && seq === 0 && body.length === 0 ? { type: "booted" } : null;
  if (session === 0) return null;
  switch (type) {
    case TYPES.hello:
      return seq === 0 && body.length === 2 && first <= second
        ? { type: "hello", session, oldest: first, newest: second }
        : null;
    case TYPES.welcome: {
      const name = Buffer.from(body.subarray(1)).toString("latin1");
      const isWelcome = seq === 0 && body.length >= 1 && name.length <= LONGEST_NAME && /^[\x20-\x7e]*$/.test(name);
      return isWelcome ? { type: "welcome", session, version: first, name } : null;
    }
    case TYPES.scene: {
      const scene = SCENES[first];
      return body.length === 1 && scene !== undefined ? { type: "scene", session, seq, scene } : null;
    }
    case TYPES.inputs:
      return body.length === 1 && first <= (BUTTON | MUTE)
        ? { type: "inputs", session, seq, button: (first & BUTTON) !== 0, mute: (first & MUTE) !== 0 }
        : null;
    case TYPES.ack:
      return body.length === 0 ? { type: "ack", session, seq } : null;
    default:
      return null;
  }
}

/** After 255 comes 0. */
export function nextSeq(seq: number): number {
  return (seq + 1) % 256;
}

/** Its place in the list: new scenes are added at its end. */
function sceneId(scene: Scene): number {
  return SCENES.indexOf(scene);
}
